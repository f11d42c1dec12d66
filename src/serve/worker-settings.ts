// Settings of the environment that a local server hands on to its Worker, which reads them when requests come: a mistake in one
// is reported at the start, before anybody wonders.

import { logChoice } from "../http/log-choice.ts";
import { SettingError } from "./command-error.ts";

const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Each with whether a text is one, and what is allowed. */
const SETTINGS: Readonly<Record<string, readonly [isOne: (text: string) => boolean, allowed: string]>> = {
  EDGEQ_ALLOWED_HOSTS: [
    (text) => everyPart(text, (host) => HOST.test(host)),
    "hosts, with a port or without, separated by commas",
  ],
  EDGEQ_CORS_ORIGINS: [
    (text) => everyPart(text, isOrigin),
    "origins such as https://app.example.com, separated by commas, or *",
  ],
  EDGEQ_LOG: [(text) => logChoice(text) !== null, "off, failures, all, or a share from 0 to 1"],
};

/** Those that are set. @throws {SettingError} when one is not what it may be */
export function workerSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, [isOne, allowed]] of Object.entries(SETTINGS)) {
    const text = env[name];
    if (text === undefined) continue;
    if (!isOne(text)) throw new SettingError(`${name}: given ${JSON.stringify(text)}, allowed: ${allowed}`);
    found[name] = text;
  }
  return found;
}

function everyPart(list: string, isOne: (part: string) => boolean): boolean {
  const parts = list.split(",").map((part) => part.trim());
  return parts.every((part) => part === "" || isOne(part));
}

function isOrigin(text: string): boolean {
  return text === "*" || (URL.canParse(text) && new URL(text).origin === text);
}
