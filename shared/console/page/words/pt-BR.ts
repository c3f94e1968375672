import type { Words } from "./words.svelte";
import { common } from "./pt-BR/common";
import { inbox } from "./pt-BR/inbox";
import { lists } from "./pt-BR/lists";
import { shell } from "./pt-BR/shell";
import { tickets } from "./pt-BR/tickets";

export const ptBR: Words = { common, inbox, lists, shell, tickets };
