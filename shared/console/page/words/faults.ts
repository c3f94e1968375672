import { Refused } from "../api/problem";
import { language } from "./language.svelte";
import { faultInPortuguese } from "./pt-BR/faults";

/** Says what is wrong with a field of a body, named by its JSON pointer, if anything is. */
export function faultAt(failure: unknown, pointer: string): string | undefined {
  if (!(failure instanceof Refused)) return undefined;
  const fault = failure.problem.errors.find((error) => error.pointer === pointer);
  return fault && faultIn(fault.detail);
}

/** Says in the present language what the API says as the end of the sentence "this field …". */
export function faultIn(detail: string): string {
  if (language.value === "pt-BR") return faultInPortuguese(detail);
  return detail.startsWith("the ") ? `T${detail.slice(1)}.` : `This ${detail}.`;
}
