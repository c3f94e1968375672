import type { session } from "./api/session.svelte";
import type { IconName } from "./ui/icons";
import type { NavigationGroup, NavigationItem } from "./ui/navigation";
import type { Words } from "./words/words.svelte";

type Role = Pick<typeof session, "isStaff" | "isAdmin">;
type Unread = Pick<NavigationItem, "count" | "countLabel">;

/**
 * Returns the links to the pages that a person works with. `place` is the path of the page, or of
 * the list that its ticket was opened from; `unread` is what the inbox holds.
 */
export function navigationOf(
  { isStaff, isAdmin }: Role,
  place: string,
  { titles, groups }: Words["shell"],
  unread: Unread,
): NavigationGroup[] {
  const item = (href: string, title: keyof typeof titles, icon: IconName): NavigationItem => ({
    href,
    label: titles[title],
    icon,
    current: place === href || place.startsWith(`${href}/`),
  });
  const inbox = { ...item("/app/inbox", "inbox", "inbox"), ...unread };
  const mine = item("/app/tickets", "mine", "user");
  if (!isStaff) return [{ items: [mine, inbox] }];
  const staff = [
    inbox,
    item("/app/queue", "queue", "queue"),
    item("/app/work", "work", "ticket"),
    item("/app/all", "all", "search"),
    mine,
  ];
  const admin = [
    item("/app/people", "people", "users"),
    item("/app/webhooks", "webhooks", "webhook"),
    item("/app/audit", "audit", "shield"),
  ];
  return isAdmin ? [{ items: staff }, { label: groups.admin, items: admin }] : [{ items: staff }];
}
