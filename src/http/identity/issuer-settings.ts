// The issuers whose tokens are taken beside those signed with EDGEQ_KEYS, as the owner configures them: EDGEQ_ISSUERS. It holds no
// secret; the keys that it may hold are public ones.

import { parseJson } from "../../api/json.ts";
import { RIGHTS, withinLanes, type Rights } from "../../api/grant.ts";
import { Invalid, invalidText, parsed } from "../../api/invalid.ts";
import { arrayOf, listOf, recordOf } from "../../api/schema/lists.ts";
import { defaulted, object, optional, required } from "../../api/schema/object.ts";
import { anyJson, matching, oneOf, text } from "../../api/schema/scalars.ts";
import { mapped, type Schema, type ValueOf } from "../../api/schema/schema.ts";
import { LIMITS } from "../../core/limits.ts";

/** Signatures with a public key. None of them is HS256, so a public key can never be taken for a secret. */
export const PUBLIC_KEY_ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

const NAME_LENGTH = 512;

/** Plain HTTP only where nobody can listen in: keys that were changed on their way would let anybody in. */
const KEYS_URL =
  /^(?:https:\/\/[^\s/?#]+|http:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?)(?:[/?]\S*)?$/i;

type Key = Readonly<Record<string, unknown>>;

const keyList = listOf(recordOf(anyJson(), "a JSON Web Key"), LIMITS.issuerKeys);

function keySetOf(read: (key: Key, path: string) => boolean): Schema<{ readonly keys: readonly Key[] }, Key> {
  return mapped(recordOf(anyJson(), "a JSON Web Key Set"), (set, path) => {
    const at = path === "" ? "keys" : `${path}.keys`;
    const keys = keyList.parse(set["keys"], at).filter((key, index) => read(key, `${at}[${index}]`));
    if (keys.length === 0) throw new Invalid(at, "none of use", "public keys, of kind RSA, EC or OKP");
    return { keys };
  });
}

/** As an issuer publishes it: keys of other kinds are ignored. RFC 7517, 5. */
export const publishedKeys = keySetOf((key) => isPublic(key));

/** As the owner writes it down. */
const inlineKeys = keySetOf((key, path) => {
  // The value may be a secret, and is not shown.
  if (!isPublic(key)) throw new Invalid(path, "another key", "a public key, of kind RSA, EC or OKP");
  return true;
});

function isPublic({ kty, d }: Key): boolean {
  return (kty === "RSA" || kty === "EC" || kty === "OKP") && d === undefined;
}

export type KeySet = ValueOf<typeof publishedKeys>;

/** Texts in which `*` stands for any characters, or objects of such. */
const condition: Schema<unknown> = {
  parse: (value, path) => {
    if (typeof value === "string" && value !== "") return value;
    if (Array.isArray(value)) return arrayOf(text(NAME_LENGTH), LIMITS.grantConditions, "texts").parse(value, path);
    return conditions.parse(value, path);
  },
  allowed: "a text, an array of texts, or an object of these",
  json: {},
};
const conditions = recordOf(condition, condition.allowed, { max: LIMITS.grantConditions });

export interface GrantRule {
  /** Claims that a token must have. */
  readonly when: Readonly<Record<string, unknown>>;
  readonly grant: Rights;
}

const rule = object(
  {
    // Nobody is let in by a rule that somebody forgot to finish: everybody of the issuer is `"when": {}`.
    when: required(conditions, "", "the claims that a token must have"),
    ...RIGHTS,
  },
  ({ when, ...rights }, refuse): GrantRule => ({ when, grant: withinLanes(rights, refuse) }),
);

const issuer = object(
  {
    issuer: required(text(NAME_LENGTH)),
    audience: required(arrayOf(text(NAME_LENGTH), LIMITS.grantConditions, "audiences")),
    algorithms: defaulted(arrayOf(oneOf(...PUBLIC_KEY_ALGORITHMS), 3, "algorithms"), PUBLIC_KEY_ALGORITHMS),
    jwksUrl: optional(matching(KEYS_URL, "an https:// address, or an http:// one of this machine")),
    jwks: optional(inlineKeys),
    claim: optional(text(NAME_LENGTH)),
    grants: optional(arrayOf(rule, LIMITS.grantRules, "rules")),
  },
  (values, refuse) => {
    const { jwksUrl, jwks, claim, grants } = values;
    if ((jwksUrl === undefined) === (jwks === undefined)) refuse("jwksUrl", "either jwksUrl or jwks");
    if (claim === undefined && grants === undefined) refuse("grants", "grants, or the claim that holds them");
    return values;
  },
);

export type IssuerSettings = ValueOf<typeof issuer>;

export type IssuersResult =
  | { readonly kind: "issuers"; readonly issuers: readonly IssuerSettings[] }
  | { readonly kind: "malformed"; readonly why: string };

/**
 * Reads EDGEQ_ISSUERS: an array of 1 to 8 issuers, as JSON text or, as a variable of wrangler.toml, as the array itself. Never
 * throws.
 */
export function parseIssuers(value: unknown): IssuersResult {
  const result = parsed(() => {
    const json: unknown = typeof value === "string" ? parseJson(value, "issuers") : value;
    const issuers = arrayOf(issuer, LIMITS.issuers, "issuers").parse(json, "issuers");
    const names = issuers.map((one) => one.issuer);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Invalid("issuers", twice, "each issuer once");
    return issuers;
  });
  return result.kind === "parsed"
    ? { kind: "issuers", issuers: result.value }
    : { kind: "malformed", why: invalidText(result) };
}
