// Starts the help desk that the tests in a browser use.
//
// HELP_DESK_BINARIES names the folder of the built functions, by default target/debug. HELP_DESK
// names a help desk that runs already: its address, the admin's address and password, and the
// address of its mails, separated by spaces.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";

const ROOT = resolve(import.meta.dirname, "../../..");
/** How long the start may take, in milliseconds. */
const READY_MS = 60_000;

export interface HelpDesk {
  url: string;
  email: string;
  password: string;
  mails: string;
  /** The process that runs the functions, or nothing if the tests did not start it. */
  pid?: number;
}

declare module "vitest" {
  export interface ProvidedContext {
    helpDesk: HelpDesk;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.HELP_DESK?.split(" ");
  if (running) {
    const [url, email, password, mails] = running as [string, string, string, string];
    project.provide("helpDesk", { url, email, password, mails });
    return async () => {};
  }
  const { helpDesk, stop } = await startHelpDesk();
  project.provide("helpDesk", helpDesk);
  return stop;
}

/** Starts a help desk from built functions. It keeps no data. */
async function startHelpDesk(): Promise<{ helpDesk: HelpDesk; stop: () => Promise<void> }> {
  const binaries = resolve(process.env.HELP_DESK_BINARIES ?? `${ROOT}/target/debug`);
  const program = `${binaries}/local`;
  if (!existsSync(program)) {
    throw new Error(`There is no ${program}. Run cargo build --bins --locked.`);
  }
  const child = spawn(program, ["--built", binaries, "--port", "0"], { cwd: ROOT });
  const helpDesk = { ...(await greetingOf(child)), pid: child.pid! };
  return { helpDesk, stop: () => stopped(child) };
}

/** Reads what the help desk prints when it is ready. */
function greetingOf(child: ChildProcess): Promise<HelpDesk> {
  let printed = "";
  return new Promise((ready, failed) => {
    const fail = () => failed(new Error(`The help desk did not start:\n${printed}`));
    const timer = setTimeout(fail, READY_MS);
    child.on("exit", fail);
    child.stderr!.on("data", (bytes) => (printed += bytes));
    child.stdout!.on("data", (bytes) => {
      printed += bytes;
      const pattern = /runs at (\S+)[^]*?admin +(\S+)\n +password +(\S+)\n +mails +(\S+)/;
      const [, url, email, password, mails] = printed.match(pattern) ?? [];
      if (!url) return;
      clearTimeout(timer);
      child.off("exit", fail);
      ready({ url, email: email!, password: password!, mails: mails! });
    });
  });
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
