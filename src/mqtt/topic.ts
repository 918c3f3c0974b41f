/**
 * What may stand as the topic name of a PUBLISH (MQTT 5, 4.7.3; 3.1.1, 4.7.3). A broker answers a
 * wrong one by closing the connection, so it must be found before it is sent. It judges the form
 * only; whether a topic is allowed is for the broker to say.
 */

/** Two bytes tell the length of a topic. */
const topicBytesMax = 65_535

/** For subscribers. */
const wildcard = /[+#]/

/**
 * Half a surrogate pair has no UTF-8 form; for control characters and noncharacters a broker may
 * close the connection (MQTT 5, 1.5.4), and mosquitto does: such a message would break every
 * connection it is sent on.
 */
const forbidden = /[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u

/** What may stand in any text field of a packet. */
export function isSafeText(text: string): boolean {
  return !forbidden.test(text) && text.length <= topicBytesMax / 3
}

export function isTopicName(topic: string): boolean {
  if (topic === '' || wildcard.test(topic) || forbidden.test(topic)) return false
  // No UTF-16 unit takes more than three bytes, so most topics need not be measured.
  return topic.length * 3 <= topicBytesMax || Buffer.byteLength(topic) <= topicBytesMax
}
