// What a page or a Worker pays for the client: bundled, minified and compressed.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes after gzip of a program that uses nothing but these exports of a checkout's `edgeq/client`. */
export async function clientGzipBytes(dir: string, exports: "Queue" | "*"): Promise<number> {
  const names = exports === "*" ? "*" : `{ ${exports} }`;
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from "./src/client/index.ts";`, resolveDir: dir },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    write: false,
  });
  const [module] = outputFiles;
  if (module === undefined) throw new Error("esbuild made no file of the client");
  return gzipSync(module.contents, { level: 9 }).byteLength;
}
