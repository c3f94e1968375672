import { expect, test } from "vitest";
import { TagText } from "./tag-text.svelte";

function typing(text: string, field: { tags: string[]; limit: number }): TagText {
  const typed = new TagText(field);
  for (let end = 1; end <= text.length; end += 1) {
    typed.text = text.slice(0, end);
    typed.type();
  }
  return typed;
}

const fieldOf = (tags: string[], limit = Infinity) => ({ tags, limit });

test("a tag that is being typed is kept with the others, and not shown twice", () => {
  const field = fieldOf(["paper"]);
  const typed = typing("toner", field);
  expect(field.tags).toEqual(["paper", "toner"]);
  expect(typed.ended).toEqual(["paper"]);
  expect(typed.end()).toEqual(["toner"]);
  expect([typed.text, typed.ended]).toEqual(["", ["paper", "toner"]]);
});

test("a tag that is deleted again before its end leaves nothing", () => {
  const field = fieldOf(["paper"]);
  const typed = typing("toner", field);
  typed.text = "";
  typed.type();
  expect(field.tags).toEqual(["paper"]);
  expect(typed.end()).toEqual([]);
});

test("a tag that is there already is not there twice", () => {
  const field = fieldOf(["Paper"]);
  const typed = typing(" paper, toner,toner", field);
  expect(typed.end()).toEqual(["toner"]);
  expect(field.tags).toEqual(["Paper", "toner"]);
  expect(typed.text).toBe("");
});

test("what does not fit stays in the input", () => {
  const field = fieldOf(["paper"], 2);
  const typed = typing("toner, drum", field);
  expect(typed.end()).toEqual(["toner"]);
  expect(typed.text).toBe("drum");
  expect(field.tags).toEqual(["paper", "toner"]);
});

test("tags that the form discards do not come back from the input", () => {
  const field = fieldOf(["paper"]);
  const typed = typing("toner", field);
  field.tags = ["paper"];
  typed.end();
  expect(field.tags).toEqual(["paper"]);
});
