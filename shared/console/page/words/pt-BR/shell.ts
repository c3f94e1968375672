import type { Words } from "../words.svelte";

export const shell: Words["shell"] = {
  brand: "Help desk",
  skip: "Ir para o conteúdo",
  menu: "Menu",
  navigation: "Navegação principal",
  signOut: "Sair",
  accountOf: (name, role) => `${name}, ${role}: sua conta`,
  reference: "Referência da API",
  themes: { system: "Tema do sistema", light: "Tema claro", dark: "Tema escuro" },
  stillSignedIn: (why) => `Você ainda não saiu da sua conta. ${why}`,
  messages: "Mensagens",
  newTicket: "Novo chamado",
  groups: { admin: "Administração" },
  notFound: "Página não encontrada",
  notFoundText: "Esta página não existe ou você não tem acesso a ela.",
  toStart: "Ir para a página inicial",
  failed: {
    title: "Não foi possível mostrar esta página",
    fault: "Algo deu errado nesta página. O que você digitou está salvo neste navegador.",
    unreachable:
      "Não foi possível acessar o help desk. Verifique a conexão. O que você digitou está salvo " +
      "neste navegador.",
    reload: "Recarregar",
  },
  offline:
    "Você está offline. O que você digita fica salvo. O que você enviar sai quando a conexão " +
    "voltar.",
  shortcuts: "Atalhos de teclado",
  titles: {
    signIn: "Entrar",
    register: "Criar uma conta",
    forgot: "Esqueci a senha",
    password: "Escolher uma senha",
    queue: "Fila",
    work: "Meu trabalho",
    all: "Todos os chamados",
    mine: "Meus chamados",
    newTicket: "Novo chamado",
    ticket: "Chamado",
    history: "Histórico",
    inbox: "Caixa de entrada",
    settings: "Configurações",
    people: "Pessoas",
    person: "Pessoa",
    webhooks: "Webhooks",
    webhook: "Webhook",
    audit: "Auditoria",
  },
};
