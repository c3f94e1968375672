import { inBoth } from "../../words/language.svelte";
import { en } from "./words/en";
import { ptBR } from "./words/pt-BR";

export const words = inBoth(en, ptBR);
