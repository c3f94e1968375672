import { common } from "./en/common";
import { inbox } from "./en/inbox";
import { lists } from "./en/lists";
import { shell } from "./en/shell";
import { tickets } from "./en/tickets";

export const en = { common, inbox, lists, shell, tickets };
