import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { shortId } from "../tokens/short-id";
import { en as tokensInEnglish } from "../tokens/words/en";
import { ptBR as tokensInPortuguese } from "../tokens/words/pt-BR";
import { type AuditEntry, sentenceOf } from "./audit";
import { en } from "./words/en";
import { ptBR } from "./words/pt-BR";

const ACCOUNT = "019bbfe1-5b7e-7d10-9c3f-2a1b4c5d6e7f";
const ADMIN = { id: "019bbfe1-5b7e-7d10-9c3f-2a1b4c5d6e70", name: "Ada Admin", role: "admin" };
const TOKEN = "019bc0fd-ac63-7c74-af30-8a9b0c1d2e3f";

/** Returns the types that the contract names, with what it says about each. */
function typesOfTheContract(): [string, string][] {
  const contract = readFileSync(
    resolve(import.meta.dirname, "../../../../../docs/openapi.yaml"),
    "utf8",
  );
  const schema = contract.split("\n    AuditEntry:\n")[1]!.split("\n    AuditSubject:\n")[0]!;
  const rows = [...schema.matchAll(/^ +\| `([a-z_]+)` \| (.+) \|$/gm)];
  return rows.map(([, type, text]) => [type!, text!]);
}

function entry(type: string, data: object = {}, subject: object = {}): AuditEntry {
  return {
    id: TOKEN,
    type,
    at: "2026-11-28T09:30:00.129Z",
    actor: ADMIN,
    token_id: null,
    subject: { kind: "account", id: ACCOUNT, name: "Tina Turner", ...subject },
    data,
  } as AuditEntry;
}

/** Has what any type may hold. */
const ALL_DATA = {
  role: "technician",
  from: "user",
  to: "technician",
  fields: ["name", "email"],
  session_id: TOKEN,
  token_id: TOKEN,
  scopes: ["read_tickets", "comment"],
};

function inEnglish(of: AuditEntry): string {
  const parts = sentenceOf(of, en.audit, tokensInEnglish.scopes, "en");
  return parts.map(({ text }) => text).join("");
}

function inPortuguese(of: AuditEntry): string {
  const parts = sentenceOf(of, ptBR.audit, tokensInPortuguese.scopes, "pt-BR");
  return parts.map(({ text }) => text).join("");
}

describe("a sentence", () => {
  const types = typesOfTheContract();

  test("exists in both languages for each type of the contract", () => {
    const known = (sentences: object) =>
      Object.keys(sentences).filter((type) => !type.endsWith("_self"));
    const named = types.map(([type]) => type);
    expect(named.length).toBeGreaterThan(20);
    expect(known(en.audit.sentences)).toEqual(named);
    expect(known(ptBR.audit.sentences)).toEqual(named);
  });

  test.each(types)("says of %s the same in both languages", (type, text) => {
    const names = (sentence: string) => sentence.match(/\{\w+\}/g)!.toSorted();
    for (const key of [type, `${type}_self`]) {
      const english = en.audit.sentences[key];
      if (english) expect(names(ptBR.audit.sentences[key]!)).toEqual(names(english));
    }
    for (const name of ["role", "fields", "scopes"]) {
      const isInData = text.includes(`\`${name}\``);
      expect(en.audit.sentences[type]!.includes(`{${name}}`)).toBe(isInData);
    }
    expect(inEnglish(entry(type, ALL_DATA))).not.toMatch(/[{}]|did “/);
    expect(inPortuguese(entry(type, ALL_DATA))).not.toMatch(/[{}]|fez “/);
  });

  test("names roles, fields and scopes by their words", () => {
    expect(inEnglish(entry("role_changed", { from: "user", to: "technician" }))).toBe(
      "Ada Admin changed the role of Tina Turner from user to technician.",
    );
    expect(inPortuguese(entry("profile_changed", { fields: ["name", "email"] }))).toBe(
      "Ada Admin alterou o nome e o e-mail de Tina Turner.",
    );
    const token = entry("token_created", { token_id: TOKEN, scopes: ["read_audit", "later"] });
    expect(inEnglish(token)).toBe(
      "Ada Admin created the API token 8a9b0c1d2e3f for Tina Turner, with: Read the audit and later.",
    );
  });

  test("differs when a person changes their own account", () => {
    const own = entry("profile_changed", { fields: ["name"] }, ADMIN);
    expect(inEnglish(own)).toBe("Ada Admin changed the name of their own account.");
  });

  test("shows the raw name of a type or of data that it does not know", () => {
    expect(inEnglish(entry("merged"))).toBe("Ada Admin did “merged” to Tina Turner.");
    expect(inEnglish(entry("constructor"))).toBe("Ada Admin did “constructor” to Tina Turner.");
    const roles = inPortuguese(entry("role_changed"));
    expect(roles).toBe("Ada Admin fez “role_changed” em Tina Turner.");
    const field = entry("profile_changed", { fields: ["photo"] });
    expect(inEnglish(field)).toBe("Ada Admin changed photo of Tina Turner.");
  });

  test("marks what becomes a link", () => {
    const parts = sentenceOf(entry("deactivated"), en.audit, {}, "en");
    expect(parts.map(({ kind }) => kind)).toEqual(["actor", "text", "subject", "text"]);
  });
});

test("a webhook has no name, so its short id is shown", () => {
  const subject = { kind: "webhook", id: TOKEN, name: undefined };
  expect(inEnglish(entry("webhook_deleted", {}, subject))).toBe(
    `Ada Admin deleted the webhook ${shortId(TOKEN)}.`,
  );
});
