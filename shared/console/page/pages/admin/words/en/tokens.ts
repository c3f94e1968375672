/** The API tokens of an account. */
export const tokens = {
  title: "API tokens",
  text: "Programs sign in with them. The role of the account limits them too.",
  ofPeople: "People make their own tokens. You can revoke them.",
};
