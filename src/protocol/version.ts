// The version of edgeq, which `/v1/health` answers. A test holds it to package.json.

export const VERSION = "0.1.0";
