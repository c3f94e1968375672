import type { Component } from "svelte";
import { Unreachable } from "../../api/problem";
import { loaded } from "../../chunk";
import type { OpenTicket } from "../../state/tickets.svelte";
import type { Action } from "./actions";

export interface DialogProps {
  opened: OpenTicket;
  action: Action;
  onclose: () => void;
}

type Load = () => Promise<{ default: Component<DialogProps> }>;

const text: Load = () => import("./TextDialog.svelte");
const assignment: Load = () => import("./AssignDialog.svelte");

// A table, because the bundler forgets the styles of what is imported in a condition.
const LOADS: Partial<Record<Action, Load>> = {
  edit: () => import("./EditDialog.svelte"),
  give: assignment,
  handOver: assignment,
  resolve: text,
  release: text,
  reopen: text,
  close: text,
  withdraw: text,
};

/** Loads the dialog of an action that has one. */
export async function dialogOf(action: Action): Promise<Component<DialogProps>> {
  try {
    return (await loaded(LOADS[action]!)).default;
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
}
