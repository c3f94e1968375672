import type { SettingsWords } from "./en";

export const ptBR: SettingsWords = {
  title: "Configurações",
  sections: {
    profile: "Perfil",
    password: "Senha",
    devices: "Dispositivos",
    notifications: "Notificações",
    tokens: "Tokens de API",
    appearance: "Aparência",
  },
  profile: {
    name: "Nome",
    nameHint: "Os outros o veem a partir de agora. O que você já escreveu mantém o anterior.",
    email: "Endereço de e-mail",
    emailHint: "Você entra com ele e recebe os e-mails nele. Só um administrador pode mudá-lo.",
    role: "Função",
    roleHint: "Define o que você pode fazer. Só um administrador pode mudá-la.",
    pending: "Seu endereço vai mudar",
    pendingText: (address) =>
      `Enviamos um link para ${address}. Quando você o abrir, esse endereço substitui o atual.`,
  },
  password: {
    text:
      "Se você mudar a senha, os outros dispositivos saem da conta. Os tokens de API continuam " +
      "valendo.",
    current: "Senha atual",
    button: "Mudar a senha",
    done: "Sua senha foi mudada. Todos os outros dispositivos saíram da conta.",
  },
  devices: {
    text: "Um dispositivo fica conectado por 30 dias. Não registramos de que tipo ele é.",
    current: "Este dispositivo",
    signedInNow: "Em uso agora",
    other: "Outro dispositivo",
    signedIn: "Entrou",
    used: "usado",
    until: (day) => `até ${day}`,
    end: "Desconectar",
    endLabel: (at) => `Desconectar o dispositivo que entrou ${at}`,
    endOthers: "Desconectar todos os outros",
    ended: "O dispositivo sai da conta em no máximo dez minutos.",
    othersEnded: "Todos os outros dispositivos saem da conta em no máximo dez minutos.",
    none: "Você não está conectado em nenhum outro lugar.",
  },
  notifications: {
    text:
      "Sobre chamados que você abriu ou pelos quais é responsável. Você nunca é notificado do " +
      "que você mesmo faz.",
    event: "O que acontece com um chamado",
    inbox: "Caixa de entrada",
    email: "E-mail",
    byInbox: (type) => `${type}: caixa de entrada`,
    byEmail: (type) => `${type}: e-mail`,
    types: {
      opened: "Aberto para você",
      assigned: "Atribuído",
      handed_over: "Transferido",
      released: "De volta à fila",
      commented: "Resposta",
      noted: "Nota interna",
      updated: "Editado",
      resolved: "Resolvido",
      reopened: "Reaberto",
      closed: "Fechado",
      withdrawn: "Retirado",
    },
    newTicket: "Novo chamado",
    newTicketHint:
      "Aberto por qualquer pessoa. Os e-mails avisam só dos urgentes que ainda aguardam, no " +
      "máximo 12 por hora.",
    saving: "Salvando…",
    failed: (reason) => `Não foi salvo. ${reason}`,
  },
  tokens: {
    text: "Um programa entra com um token e age como você, até onde o token permite.",
    noneText: "Crie um para cada programa, para poder revogar cada um separadamente.",
    reference: "O que programas podem fazer",
  },
  appearance: {
    language: "Idioma",
    languageHint: "Desta página e dos seus e-mails.",
    mailsDiffer: (language) => `Seus e-mails chegam em ${language}.`,
    sameMails: "Usar este idioma nos e-mails",
    languages: { en: "inglês", "pt-BR": "português" },
    notSaved: (reason) => `O idioma dos seus e-mails não foi mudado. ${reason}`,
    theme: "Tema",
    themeHint: "Neste navegador. “Sistema” segue o seu dispositivo.",
    shortcuts: "Atalhos de teclado",
    shortcutsHint: "Teclas únicas, como R para responder. Desligue-os se você usa ditado.",
  },
};
