import { audit } from "./en/audit";
import { common } from "./en/common";
import { people } from "./en/people";
import { person } from "./en/person";
import { tokens } from "./en/tokens";
import { webhooks } from "./en/webhooks";

export const en = { audit, common, people, person, tokens, webhooks };
