import { expect, test } from "vitest";
import { faultInPortuguese } from "./faults";

test("a fault keeps its numbers and names", () => {
  const tooShort = "must be 12 to 256 characters long, but is 5";
  expect(faultInPortuguese(tooShort)).toBe("Use de 12 a 256 caracteres: são 5.");
  const foreign = "must be an address of one of these domains: a.org, b.org";
  expect(faultInPortuguese(foreign)).toBe("Use um endereço de um destes domínios: a.org, b.org.");
});

test("a fault that is not known is said without English", () => {
  expect(faultInPortuguese("must be green")).toBe("Este valor não é aceito.");
});
