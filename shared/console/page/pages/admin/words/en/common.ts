/** What the pages of the admins share. */
export const common = {
  refusals: {
    "email-taken": "Another account has this address. You can find it in the list by its address.",
    "not-invited": "This person has accepted an invitation, or needs none.",
    "invitation-not-accepted":
      "Only the person can activate this account, with an invitation. Invite them again.",
  },
};
