/** The attributes that filters compare, each with the character that begins its keys. Stored: never reuse a character. */
export const attribute = {
  queueId: "q",
  queueName: "n",
  queueUuid: "u",
  agentId: "a",
  agentEmail: "e",
  direction: "d",
  kind: "k",
  callId: "c",
  chatId: "h",
  callState: "s",
  chatState: "t",
  participantState: "p",
  trigger: "g",
  language: "l",
  participantId: "i",
  mediaId: "m",
  source: "o",
  recordingPermitted: "r",
} as const;

export type Attribute = (typeof attribute)[keyof typeof attribute];
