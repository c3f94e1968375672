import { started } from "./start";
import { mount } from "svelte";
import App from "./App.svelte";
import { loaded } from "./chunk";
import { prefetchOnIntent } from "./prefetch";
import { pageOf } from "./routes";
import "./state/theme.svelte";
import "./styles/index.css";
import { language } from "./words/language.svelte";
import { speak } from "./words/words.svelte";

document.documentElement.lang = language.value;
// All that the first page needs is asked for at once. Each awaits its own part where it is used.
pageOf(location.pathname)?.page.load().catch(() => {});
await loaded(() => speak(language.value));
const page = document.getElementById("page")!;
page.replaceChildren();
mount(App, { target: page, props: { started } });
prefetchOnIntent();
