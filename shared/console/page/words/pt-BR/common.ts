import type { Words } from "../words.svelte";

/** Why a request was refused, by the slug of its problem. */
const REFUSALS: Record<string, string> = {
  "invalid-credentials": "O e-mail ou a senha está incorreto.",
  forbidden: "Você não pode fazer isso.",
  "registration-closed": "Não é possível se cadastrar aqui. Peça um convite à administração.",
  "not-found": "Isto não existe ou você não pode vê-lo.",
  "email-taken": "Este endereço já pertence a outra conta.",
  "invitation-not-accepted": "Só a própria pessoa pode ativar a conta, com o convite.",
  "not-invited": "A pessoa já aceitou o convite ou não precisa dele.",
  "invalid-transition": "O status do chamado não permite isso.",
  "ticket-closed": "O chamado está fechado.",
  "not-on-yourself": "Você não pode fazer isso com a sua própria conta.",
  "not-a-service-account": "Só contas de serviço ativas recebem tokens da administração.",
  "invalid-cursor": "O endereço leva a uma página que esta lista não tem.",
  conflict: "Outra alteração aconteceu ao mesmo tempo. Tente de novo.",
  "precondition-failed": "O chamado foi alterado enquanto isso.",
  "idempotency-key-reused": "Uma versão anterior disto já foi enviada.",
  "too-large": "O texto é grande demais.",
  "validation-failed": "Verifique os campos.",
  "not-a-technician": "Chamados são atribuídos somente a técnicos ativos.",
  "too-many-requests": "Muitas tentativas. Espere um pouco e tente de novo.",
  "invalid-token": "O link ou a sessão não vale mais.",
  internal: "Ocorreu um erro no help desk. Tente de novo.",
  unavailable: "O help desk não respondeu a tempo. Tente de novo.",
};

export const common: Words["common"] = {
  tryAgain: "Tentar de novo",
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
  wait: (time) => `Você pode tentar de novo em ${time}.`,
  done: "Concluir",
  mayExist: "Talvez isso tenha sido feito mesmo assim. Confira a lista antes de tentar de novo.",
  notKept:
    "Este navegador não conseguiu guardar o que você digitou. Está só aqui: envie antes de sair.",
  refused: (problem) => REFUSALS[problem.slug] ?? "O help desk não pôde fazer isso.",
  failed: "Algo deu errado nesta página. Carregue-a de novo.",
  signedOut: "Sua sessão terminou antes disso. Entre e tente de novo.",
  unreachable: "Não foi possível acessar o help desk. Verifique a conexão e tente de novo.",
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
