// Lets the examples import edgeq as users do, while what runs is the source beside them: `node --import` this file.

import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    const entry = /^edgeq\/(client|consumer)$/.exec(specifier)?.[1];
    return next(entry === undefined ? specifier : new URL(`../src/${entry}/index.ts`, import.meta.url).href, context);
  },
});
