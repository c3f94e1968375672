// Measures the page against its budgets, and fails if one is exceeded.
//
//     npm run budgets
//
// Sizes are those of gzip. Times are the median of five, on a processor slowed down four times,
// with 170 ms to the server and 9 Mbit/s. They mean little while other programs run.

import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
