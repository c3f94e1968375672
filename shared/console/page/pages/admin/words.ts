import { inBoth } from "../../words/language.svelte";
import { en } from "./words/en";
import { ptBR } from "./words/pt-BR";

/** Returns the words of the admins' pages. */
export const words = inBoth(en, ptBR);
