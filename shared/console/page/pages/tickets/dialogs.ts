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

/** Loads the dialog of an action. */
export async function dialogOf(action: Action): Promise<Component<DialogProps>> {
  try {
    return (await loaded(() => load(action))).default;
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
}

function load(action: Action): Promise<{ default: Component<DialogProps> }> {
  if (action === "edit") return import("./EditDialog.svelte");
  if (action === "give" || action === "handOver") return import("./AssignDialog.svelte");
  return import("./TextDialog.svelte");
}
