import type { en } from "../en";

export const common: typeof en.common = {
  next: "Próxima página",
  first: "Primeira página",
  pages: "Páginas",
  noSuchPage: "Esta página da lista não existe.",
  done: "Concluir",
  mayExist: "Talvez isso tenha sido feito mesmo assim. Confira a lista antes de tentar de novo.",
  refusals: {
    "email-taken": "Outra conta já tem este e-mail. Busque-a na lista pelo endereço.",
    "not-on-yourself": "Você não pode fazer isso com a sua própria conta. Peça a outro administrador.",
    "not-invited": "Esta pessoa já aceitou um convite ou não precisa dele.",
    "invitation-not-accepted":
      "Só a própria pessoa pode ativar esta conta, com um convite. Convide-a de novo.",
    "not-a-service-account": "Só contas de serviço ativas recebem tokens da administração.",
    forbidden: "Só administradores ativos podem fazer isso.",
  },
};
