import { expect, test, vi } from "vitest";
import { ticketOf } from "./samples";

vi.mock("../../api/client", () => ({}));
const { isPossible } = await import("./actions");

const tina = { id: "tina", name: "Tina", role: "technician" } as const;
const ada = { id: "ada", name: "Ada", role: "admin" } as const;

test("what is possible is what the ticket allows", () => {
  const ticket = ticketOf(1, { status: "resolved", allowed_actions: ["close", "note"] });
  expect(isPossible("close", ticket, ada)).toBe(true);
  expect(isPossible("note", ticket, ada)).toBe(true);
  expect(isPossible("close", ticketOf(1, { status: "resolved" }), ada)).toBe(false);
});

test("a technician takes an open ticket; an admin cannot be an assignee", () => {
  const open = ticketOf(1, { allowed_actions: ["assign"] });
  expect(isPossible("take", open, tina)).toBe(true);
  expect(isPossible("take", open, ada)).toBe(false);
  const own = ticketOf(1, { status: "in_progress", allowed_actions: ["assign"] });
  expect(isPossible("take", own, tina)).toBe(false);
});
