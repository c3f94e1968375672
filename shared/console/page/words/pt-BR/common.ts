import type { Words } from "../words.svelte";

/** Why a request was refused, by the slug of its problem. */
const REFUSALS: Record<string, string> = {
  "invalid-credentials": "O e-mail ou a senha está incorreto.",
  forbidden: "Você não pode fazer isso.",
  "registration-closed": "Não é possível se cadastrar aqui. Peça um convite a um administrador.",
  "not-found": "Isto não existe ou você não tem acesso.",
  "email-taken": "Este endereço já pertence a outra conta.",
  "invitation-not-accepted": "Só a própria pessoa pode ativar a conta, com o convite.",
  "not-invited": "A pessoa já aceitou o convite ou não precisa dele.",
  "invalid-transition": "O status do chamado mudou, e isto não é mais possível.",
  "ticket-closed": "O chamado está fechado em definitivo. Abra uma continuação.",
  "not-on-yourself": "Você não pode fazer isso com a sua própria conta.",
  "not-a-service-account": "Administradores só criam tokens para contas de serviço ativas.",
  "invalid-cursor": "O endereço leva a uma página que esta lista não tem.",
  conflict: "Outra alteração aconteceu ao mesmo tempo. Tente novamente.",
  "precondition-failed": "O chamado foi alterado nesse meio-tempo.",
  "idempotency-key-reused": "Uma versão anterior disto já foi enviada.",
  "too-large": "O texto é grande demais.",
  "validation-failed": "Verifique os campos destacados.",
  "not-a-technician": "Chamados são atribuídos somente a técnicos ativos.",
  "too-many-requests": "Muitas tentativas. Espere um pouco e tente novamente.",
  "invalid-token": "O link ou a sessão não vale mais.",
  internal: "Algo deu errado do nosso lado. Tente novamente.",
  unavailable: "O help desk demorou demais para responder. Tente novamente.",
};

export const common: Words["common"] = {
  tryAgain: "Tentar novamente",
  cancel: "Cancelar",
  close: "Fechar",
  save: "Salvar",
  saved: "Salvo",
  delete: "Excluir",
  more: "Mostrar mais",
  copy: "Copiar",
  copied: "Copiado",
  optional: "opcional",
  loading: "Carregando",
  you: "Você",
  left: (characters) => {
    if (characters === -1) return "1 caractere a mais";
    if (characters < 0) return `${-characters} caracteres a mais`;
    return characters === 1 ? "Resta 1 caractere" : `Restam ${characters} caracteres`;
  },
  tooLong: (most) => `Use no máximo ${most} caracteres.`,
  required: "Preencha este campo.",
  tooMany: "Muitas tentativas.",
  wait: (time) => `Você pode tentar novamente em ${time}.`,
  done: "Concluir",
  mayExist: "Talvez tenha sido criado mesmo assim. Confira a lista antes de tentar novamente.",
  notKept: "Este navegador não conseguiu salvar o rascunho. Envie antes de sair desta página.",
  refused: (problem) => REFUSALS[problem.slug] ?? "Não foi possível fazer isso.",
  failed: "Algo deu errado nesta página. Recarregue-a.",
  signedOut: "Sua sessão terminou antes disso. Entre e tente novamente.",
  unreachable: "Não foi possível acessar o help desk. Verifique a conexão e tente novamente.",
  roles: {
    user: "Usuário",
    technician: "Técnico",
    admin: "Administrador",
    system: "Help desk",
  },
  statuses: {
    open: "Aberto",
    in_progress: "Em atendimento",
    resolved: "Resolvido",
    closed: "Fechado",
  },
  priorities: { low: "Baixa", normal: "Normal", high: "Alta", urgent: "Urgente" },
};
