import { expect, test } from "vitest";
import { isolated, partsOf } from "./isolated";

test("a name is a part of its own in a sentence", () => {
  const sentence = `${isolated("Tina")} gave the ticket to ${isolated("Tom")}.`;
  expect(partsOf(sentence)).toEqual(["", "Tina", " gave the ticket to ", "Tom", "."]);
});

test("a name that ends the isolate does not get out of it", () => {
  const sentence = `${isolated("Eve\u2069 took \u2066the ticket")} left`;
  expect(partsOf(sentence)).toEqual(["", "Eve took the ticket", " left"]);
});
