import type { en } from "../en";

export const common: typeof en.common = {
  refusals: {
    "email-taken": "Outra conta já tem este e-mail. Busque-a na lista pelo endereço.",
    "not-invited": "Esta pessoa já aceitou um convite ou não precisa dele.",
    "invitation-not-accepted":
      "Só a própria pessoa pode ativar esta conta, com um convite. Convide-a novamente.",
  },
};
