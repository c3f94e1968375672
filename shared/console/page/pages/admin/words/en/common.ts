/** What the pages of the admins share. */
export const common = {
  next: "Next page",
  first: "First page",
  pages: "Pages",
  noSuchPage: "This page of the list does not exist.",
  done: "Done",
  mayExist: "It may have been done nevertheless. Look at the list before you try again.",
  refusals: {
    "email-taken": "Another account has this address. Find it in the list by the address.",
    "not-on-yourself": "You cannot do this to your own account. Ask another admin.",
    "not-invited": "This person has accepted an invitation, or needs none.",
    "invitation-not-accepted":
      "Only the person can activate this account, with an invitation. Invite them again.",
    "not-a-service-account": "Admins make API tokens for active service accounts only.",
    forbidden: "Only active admins may do this.",
  },
};
