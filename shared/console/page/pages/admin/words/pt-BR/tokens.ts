import type { en } from "../en";

export const tokens: typeof en.tokens = {
  title: "Tokens de API",
  text: "Programas entram com eles. A função da conta limita o que podem fazer.",
  ofPeople: "As pessoas criam os próprios tokens. Você pode revogá-los.",
};
