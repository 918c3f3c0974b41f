/**
 * What may stand as the topic name of a PUBLISH (MQTT 5, 4.7.3; 3.1.1, 4.7.3). A broker answers a
 * wrong one by closing the connection, so it must be found before it is sent. It judges the form
 * only; whether a topic is allowed is for the broker to say.
 */

/** Two bytes tell the length of a topic. */
const topicBytesMax = 65_535

/** Wildcards are for subscribers; half a surrogate pair has no UTF-8 form. */
const forbidden = /[+#\p{Surrogate}]/u

export function isTopicName(topic: string): boolean {
  if (topic === '' || topic.includes('\0') || forbidden.test(topic)) return false
  // No UTF-16 unit takes more than three bytes, so most topics need not be measured.
  return topic.length * 3 <= topicBytesMax || Buffer.byteLength(topic) <= topicBytesMax
}
