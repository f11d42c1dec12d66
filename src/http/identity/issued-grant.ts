// The grant of a token of an issuer: its own claim that says so, or the first of the owner's rules that its claims fit.

import type { JWTPayload } from "jose";
import { grantOf, matchesPattern, type GrantResult } from "../../api/grant.ts";
import { isObject } from "../../core/json-value.ts";
import type { IssuerSettings } from "./issuer-settings.ts";

/** Never throws. "invalid" says what the token lacks. */
export function issuedGrant(payload: JWTPayload, { claim, grants = [] }: IssuerSettings): GrantResult {
  const own = claim === undefined ? undefined : payload[claim];
  if (own !== undefined) return grantOf(isObject(own) ? own : {});
  const rule = grants.find(({ when }) => fits(payload, when));
  if (rule !== undefined) return { kind: "grant", grant: rule.grant };
  const why = claim === undefined ? "no rule of its issuer grants it anything" : `claim ${claim} is missing`;
  return { kind: "invalid", why };
}

/** Whose it is, for the logs: a person's address, a program's name, or what the issuer calls them. */
export function subjectOf({ email, common_name: commonName, sub }: JWTPayload): string {
  const name = [email, commonName, sub].find((one): one is string => typeof one === "string" && one !== "");
  return name?.slice(0, SUBJECT_LENGTH) ?? "";
}

const SUBJECT_LENGTH = 128;

/** A text fits if one of the wanted ones does; a list if one of its items does; an object if each of the wanted members does. */
function fits(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => !Array.isArray(item) && fits(item, wanted));
  if (Array.isArray(wanted)) return wanted.some((one) => fits(value, one));
  if (typeof wanted === "string") return typeof value === "string" && matchesPattern(wanted, value);
  if (!isObject(value) || !isObject(wanted)) return false;
  return Object.entries(wanted).every(([name, inner]) => Object.hasOwn(value, name) && fits(value[name], inner));
}
