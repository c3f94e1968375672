// An office with people and tickets, for the pictures.

import { act, invite, openTicket, type Person, type Schemas } from "./api";

export interface Office {
  rita: Person;
  tina: Person;
  /** A ticket with a conversation, a note and a resolution. */
  resolved: number;
  /** A ticket that Tina works on. */
  busy: number;
}

/** What waits in the queue: title, priority, category and tags. */
const WAITING: [string, Schemas["Priority"], string | null, string[]][] = [
  ["No network on the third floor", "urgent", "Network", ["outage", "floor-3"]],
  ["Payroll rejects my password since this morning", "high", "Access", ["payroll"]],
  ["Laptop battery lasts twenty minutes", "normal", "Hardware", ["laptop"]],
  ["Please install Blender on DESIGN-14", "normal", "Software", []],
  ["Second monitor stays black after the update", "normal", "Hardware", ["update", "monitor"]],
  ["Mailbox is full although I deleted everything", "normal", "E-mail", []],
  ["New colleague on 1 December: account, laptop, badge", "normal", "Access", ["onboarding"]],
  ["Meeting room 4: camera shows a blue picture", "low", "Hardware", ["meeting-room"]],
  ["Can the VPN stay connected overnight?", "low", "Network", ["vpn"]],
];

export async function openOffice(): Promise<Office> {
  const rita = await invite({ name: "Rita Moreno", email: "rita@example.com", role: "user" });
  const omar = await invite({ name: "Omar Haddad", email: "omar@example.com", role: "user" });
  const tina = await invite({ name: "Tina Weber", email: "tina@example.com", role: "technician" });
  for (const [place, [title, priority, category, tags]] of WAITING.entries()) {
    const description = `${title}. It began this morning.`;
    const requester = place % 2 === 0 ? rita : omar;
    await openTicket(requester, { title, description, priority, category, tags });
  }
  return { rita, tina, busy: await busy(rita, tina), resolved: await resolved(rita, tina) };
}

async function busy(rita: Person, tina: Person): Promise<number> {
  const { number } = await openTicket(rita, {
    title: "The printer on the second floor is jammed again",
    description: "It takes the paper and stops.\nI have switched it off and on, twice.",
    priority: "high",
    category: "Hardware",
    tags: ["printer", "floor-2"],
  });
  await act(tina, number, "assign");
  await act(tina, number, "comments", { body: "Which tray did it take the paper from?" });
  await act(rita, number, "comments", { body: "From tray 2. Tray 1 is empty since Monday." });
  await act(tina, number, "notes", {
    body: "Third time this month. The roller of tray 2 is worn; the spare part is in the cellar.",
  });
  return number;
}

async function resolved(rita: Person, tina: Person): Promise<number> {
  const { number } = await openTicket(rita, {
    title: "I cannot open the shared calendar",
    description: "It says that I have no permission.",
    category: "Access",
  });
  await act(tina, number, "assign");
  await act(tina, number, "resolve", { resolution: "You are in the group now. Sign in again." });
  return number;
}
