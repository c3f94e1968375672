import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The kinds of files that become smaller when they are compressed. */
const COMPRESSIBLE = /\.(js|css|svg|txt)$/;

/** Writes each hashed asset compressed beside itself, so that the function compresses nothing. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir!, "assets");
      for (const file of readdirSync(assets).filter((name) => COMPRESSIBLE.test(name))) {
        const bytes = readFileSync(join(assets, file));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(join(assets, `${file}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(assets, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: "page",
  cacheDir: "../node_modules/.vite",
  plugins: [svelte({ configFile: "../svelte.config.js" }), precompressed()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the page allows no `data:` address for a script or a style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // For work on the page alone: `HELP_DESK=<address that cargo local printed> npm run dev`.
    proxy: { "/v1": { target: process.env.HELP_DESK ?? "http://127.0.0.1:9000" } },
  },
  test: { environment: "node", include: ["**/*.test.ts"] },
});
