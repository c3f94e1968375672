/** The API tokens of an account. */
export const tokens = {
  title: "API tokens",
  text: "Programs sign in with them. The role of the account limits what they may do.",
  ofPeople: "People create their own tokens. You can revoke them.",
};
