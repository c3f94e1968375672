import { beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "../../api/problem";
import type { Request } from "./filters";
import type { Page } from "./merge";
import { ticketOf, ticketsOf } from "./samples";

const GET = vi.fn<(path: string, options: { params: { query: Request } }) => unknown>();
vi.mock("../../api/client", () => ({ api: { GET }, answered: (answer: unknown) => answer }));
const { Listing } = await import("./listing.svelte");

let account = 0;
let listing: InstanceType<typeof Listing>;
const calm = () => true;
const busy = () => false;
const request: Request = { status: "open", limit: 50 };

function answer(...numbers: number[]): void {
  const data: Page = { items: ticketsOf(...numbers), next_cursor: null };
  GET.mockResolvedValueOnce({ data });
}

const shown = () => listing.tickets.map((ticket) => ticket.number);

beforeEach(() => {
  GET.mockReset();
  account += 1;
  listing = new Listing(String(account));
  listing.open(request);
});

test("the first answer is shown, whatever the person does", async () => {
  answer(2, 1);
  await listing.refresh(busy);
  expect(shown()).toEqual([2, 1]);
  expect(listing.isLoading).toBe(false);
});

test("while the person works in the list, what comes and goes waits", async () => {
  answer(3, 2, 1);
  await listing.refresh(busy);
  answer(4, 3, 1);
  await listing.refresh(busy);
  expect(shown()).toEqual([3, 2, 1]);
  expect(listing.waiting).toEqual({ added: 1, gone: 1 });
  expect([...listing.gone]).toEqual([2]);
  listing.showWaiting();
  expect(shown()).toEqual([4, 3, 1]);
  expect(listing.waiting).toEqual({ added: 0, gone: 0 });
});

test("while the person is at the top and does nothing, it is shown at once", async () => {
  answer(1);
  await listing.refresh(calm);
  answer(2, 1);
  await listing.refresh(calm);
  expect(shown()).toEqual([2, 1]);
});

test("what the person did is no news", async () => {
  answer(2, 1);
  await listing.refresh(busy);
  listing.update(ticketOf(2, { version: 2, status: "in_progress" }));
  expect(listing.tickets[0]?.status).toBe("in_progress");
  answer(1);
  await listing.refresh(busy);
  expect(listing.waiting).toEqual({ added: 0, gone: 0 });
  expect(shown()).toEqual([2, 1]);
});

test("a page that was answered before is there at once", async () => {
  answer(2, 1);
  await listing.refresh(busy);
  listing.open({ ...request, cursor: "next" });
  expect(listing.isLoading).toBe(true);
  listing.open(request);
  expect(listing.isLoading).toBe(false);
  expect(shown()).toEqual([2, 1]);
});

test("an answer to what is not shown any more is dropped", async () => {
  answer(2, 1);
  const late = listing.refresh(busy);
  listing.open({ ...request, cursor: "next" });
  await late;
  expect(listing.isLoading).toBe(true);
});

test("a failure leaves what is shown", async () => {
  answer(1);
  await listing.refresh(busy);
  GET.mockRejectedValueOnce(new Unreachable());
  await expect(listing.refresh(busy)).rejects.toBeInstanceOf(Unreachable);
  expect(shown()).toEqual([1]);
  expect(listing.failure).toBeInstanceOf(Unreachable);
  answer(1);
  await listing.refresh(busy);
  expect(listing.failure).toBeUndefined();
});

test("a failure of another address does not leave the tickets of the former one", async () => {
  answer(1);
  await listing.refresh(busy);
  listing.open({ ...request, tag: "vpn" });
  expect(shown()).toEqual([1]);
  GET.mockRejectedValueOnce(new Unreachable());
  await expect(listing.refresh(busy)).rejects.toBeInstanceOf(Unreachable);
  expect(shown()).toEqual([]);
  listing.open(request);
  expect(shown()).toEqual([1]);
});
