import type { en } from "./en";
import { audit } from "./pt-BR/audit";
import { common } from "./pt-BR/common";
import { people } from "./pt-BR/people";
import { person } from "./pt-BR/person";
import { tokens } from "./pt-BR/tokens";
import { webhooks } from "./pt-BR/webhooks";

export const ptBR: typeof en = { audit, common, people, person, tokens, webhooks };
