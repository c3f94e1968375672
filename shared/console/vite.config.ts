import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin, Rolldown } from "vite";
import { defineConfig } from "vitest/config";

const DIST = resolve(import.meta.dirname, "dist");

/** The licences of the packages that the scripts contain, until they have a hash. */
const LICENCES = "assets/licences.txt";

/** Names the licences by their content, as all that browsers keep, and links the page to them. */
function licensed(): Plugin {
  return {
    name: "licensed",
    apply: "build",
    writeBundle({ dir }) {
      const [written, page] = [join(dir!, LICENCES), join(dir!, "index.html")];
      const hash = createHash("sha256").update(readFileSync(written)).digest("base64url");
      const named = LICENCES.replace(".", `-${hash.slice(0, 8)}.`);
      renameSync(written, join(dir!, named));
      const link = `<link rel="license" href="/${named}" />\n  </head>`;
      writeFileSync(page, readFileSync(page, "utf8").replace("</head>", `  ${link}`));
    },
  };
}

/** How long a unit test may take, in milliseconds: most of it is loading, on two busy cores. */
const TEST_MS = 30_000;

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

/** Replaces the last build at the end, so that an interrupted one never passes for a whole one. */
function replacing(): Plugin {
  return {
    name: "replacing",
    apply: "build",
    writeBundle({ dir }) {
      rmSync(DIST, { recursive: true, force: true });
      renameSync(dir!, DIST);
    },
  };
}

/** Lets the browser paint nothing before the script has set the theme, so that no page flashes. */
function paintedOnce(): Plugin {
  return {
    name: "painted-once",
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace("<script ", '<script blocking="render" '),
    },
  };
}

/** Returns the folder of pages that a module is in, if it is in one. */
function folderOf(id: string): string | undefined {
  return /\/page\/pages\/(\w+)\//.exec(id)?.[1];
}

/** Names a module of a folder of pages that other folders use, too. */
function shared(id: string, build: Rolldown.ChunkingContext): string | null {
  const folder = folderOf(id);
  const importers = build.getModuleInfo(id)?.importers ?? [];
  return folder && importers.some((importer) => folderOf(importer) !== folder) ? "shared" : null;
}

/** What lists need and share with other pages. */
const LISTS_KIT =
  /\/page\/(ui\/(Badge|Tabs)\.svelte|parts\/Pager\.svelte|state\/(pages|drafts\.svelte)\.ts)/;

/**
 * What is loaded together. Each file is a request of its own to a function, so there are few: what
 * all pages need, what lists need of the kit, what forms need of it, and one for each folder of
 * pages. What two folders share is apart, so that neither loads the other. All styles are one file.
 */
const CHUNKS: Rolldown.CodeSplittingGroup[] = [
  { name: "base", tags: ["$initial"] },
  { name: "lists-kit", test: LISTS_KIT },
  { name: "forms-kit", test: /\/page\/(ui|parts|state)\//, minShareCount: 2 },
  { name: shared, minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 1_500 },
  { name: (id) => folderOf(id) ?? null, minShareCount: 2 },
];

export default defineConfig({
  root: "page",
  cacheDir: "../node_modules/.vite",
  plugins: [
    svelte({ configFile: "../svelte.config.js" }),
    paintedOnce(),
    // These work on what is written, in this order.
    licensed(),
    precompressed(),
    replacing(),
  ],
  build: {
    outDir: `${DIST}.new`,
    emptyOutDir: true,
    target: "es2022",
    // The policy of the page allows no `data:` address for a script or a style.
    assetsInlineLimit: 0,
    license: { fileName: LICENCES },
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: CHUNKS },
        // The names of shared files would list all that use them.
        chunkFileNames: ({ name }) => `assets/${name.split("~")[0]}-[hash].js`,
      },
    },
  },
  server: {
    // For work on the page alone: `HELP_DESK=<address that cargo local printed> npm run dev`.
    proxy: { "/v1": { target: process.env.HELP_DESK ?? "http://127.0.0.1:9000" } },
  },
  test: { environment: "node", include: ["**/*.test.ts"], testTimeout: TEST_MS },
});
