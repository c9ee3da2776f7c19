/** Bounds and times between peers, as part of `LIMITS`: unit, reason, and when to look at it again. */

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;

export const MESH_LIMITS = {
  // --- Mesh: between peers.
  /** One message of a channel. WebRTC takes 256 KiB at most, and PeerJS closes the connection at one byte more; small
   *  frames keep control from waiting behind long ones. */
  frameBytes: 64 * KiB,
  /** A message, its fragments together: a roster of 64 peers with 16 nodes each is some 300 KiB. */
  messageBytes: 1 * MiB,
  /** Characters of a prompt that another peer may send: fits into `messageBytes` even if each takes four bytes as \\u escapes. */
  remotePromptChars: 128 * KiB,
  remoteMessages: 512,
  /** How deep the JSON of a message may be: a task's schema is the deepest thing that is sent. */
  messageDepth: 32,
  /** Text of one batch of tokens, and of one token. */
  eventChars: 16 * KiB,
  tokenChars: 256,
  eventTokens: 512,
  /** Events in one message. */
  taskEvents: 256,
  /** Text of a whole answer over the wire. */
  answerChars: 512 * KiB,
  errorChars: 1024,
  /** What may wait in a channel before more is held back, and when sending goes on (measured: 8 MiB makes control wait
   *  0.5 s, 256 KiB 40 ms). */
  bufferHighBytes: 256 * KiB,
  bufferLowBytes: 128 * KiB,
  /** Frames that arrive before anybody listens: a handshake has three. */
  earlyFrames: 32,
  /** What one link may send: messages and bytes a second, and the burst of each in seconds. A stream of 500 tokens a second is
   *  60 messages; 16 of them at once is the most that a node does. */
  linkMessagesPerSecond: 1000,
  linkBytesPerSecond: 2 * MiB,
  linkBurstSeconds: 4,
  /** Peers of a swarm, this one included: a page has 500 WebRTC connections at most, and the roster must stay small. */
  peers: 64,
  /** Up to this many peers everybody is linked with everybody; above it with the leader, its deputy and a few others. Unless the
   *  swarm has decided otherwise (`swarm.topology`). */
  fullMeshPeers: 12,
  /** The most that may be decided: each link is a WebRTC connection with heartbeats in both directions. */
  fullMeshMost: 32,
  /** Neighbours on each side of the ring that a peer keeps in a large swarm beside leader and deputy; unless the swarm has decided otherwise. */
  extraLinks: 1,
  extraLinksMost: 8,
  /** Dials under way at once: each is a WebRTC connection that counts until it is collected. */
  pendingDials: 4,
  /** The same while more peers than make a full mesh are lost: most dials then never answer, and each takes its whole time. */
  pendingDialsCutOff: 8,
  /** Connections that have not finished their handshake. */
  pendingHandshakes: 16,
  /** A dial that can't succeed says nothing for 30 s; a good one takes 15 to 150 ms, over TURN a second. */
  dialMs: 12 * SECOND,
  handshakeMs: 10 * SECOND,
  /** A door that is kept by hand: how long a newcomer waits for a person to open. */
  admissionMs: 5 * 60 * SECOND,
  /** Devices that may let others in besides the founder's: each is asked when somebody knocks. */
  stewards: 16,
  /** Devices of which it is remembered that they were let in or barred: four times a full swarm. With rules and keys it is
   *  some 75 KiB, told once on each link. */
  passes: 256,
  /** Newcomers that wait at one tab for a person to open; half of `pendingHandshakes`, so that others still come in. */
  knocking: 8,
  /** Characters of the swarm's part of a configuration: every key of it and a dozen models with long addresses. */
  policyChars: 32 * KiB,
  /** Rules and policies from one link that wait to be verified: they come when a person decides. */
  pendingRules: 8,
  /** Rooms whose rules, and whose policy, this device keeps: a person is in a few. */
  keptRooms: 32,
  /** What is pasted to join: a link with a mail around it. */
  invitationChars: 16 * KiB,
  /** Joining: all doors together. */
  joinMs: 20 * SECOND,
  /** Re-dialling doubles from the first to the last, with jitter, and ends. */
  redialFirstMs: 500,
  redialLastMs: 5 * SECOND,
  redialForMs: 10 * 60 * SECOND,
  /** Heartbeat, when a silent link is suspect, when it is dead. ICE takes 5 s to notice and 15 s to give up. */
  beatMs: 1 * SECOND,
  suspectMs: 5 * SECOND,
  deadMs: 12 * SECOND,
  /** No beat of the leader for this long (and up to `electionJitterMs` more) starts an election. */
  leaseMs: 5 * SECOND,
  electionJitterMs: 2 * SECOND,
  /** Without a majority after this long: a provisional leader of those who can be reached. */
  voteMs: 3 * SECOND,
  /** A leader whose own clock skipped this much was asleep: it steps down. */
  gapMs: 5 * SECOND,
  /** How long the dead are remembered: longer than any roster travels, and than a suspended laptop's queue of messages. */
  tombstoneMs: 10 * 60 * SECOND,
  tombstones: 256,
  /** Own changes are told at most this often. */
  statusMs: 250,
  /** Neighbours through which a status may go to the leader. */
  hops: 8,
  /** Well-known ids at which newcomers ask. */
  doors: 3,
  /** How often somebody tries to take a door that nobody holds. */
  doorMs: 10 * SECOND,
  /** Ways to reach one peer. */
  endpoints: 4,
  nameChars: 40,
  /** Tasks of one peer that run or wait here at once: all slots of the largest tab, 16 nodes with 16 each. */
  peerTasks: 256,
  /** Of a device, over all nodes, tasks that no leader granted: those for a node that a person chose go ahead of their grants, some at a
   *  time. More would be a way past the queue. */
  ungrantedTasks: 4,
  /** Grants of which it is remembered that they were used: an hour of a busy tab. */
  usedGrants: 8192,
  /** Control messages that wait for a link to a leader or an asker, over all of them: whoever gets no answer says it again. */
  controlHeld: 256,
  /** Jobs: from asking to the end of the answer; batches run over night. */
  jobMs: 24 * 3600 * SECOND,
  /** Jobs of one peer that are open at the leader: twice what its device may have waiting, so that there is room for those that run. */
  peerJobs: 512,
  /** Nodes that one job may be bound to. */
  jobNodes: 64,
  /** Nodes that a request names as not wanted: a job is stopped long before it has failed on so many. */
  jobAvoids: 16,
  /** Tasks of one job that run at once: the first, its hedge, and those that a change of leader has left. */
  jobTasks: 4,
  /** Of a conversation's mark: a hash has 43. */
  affinityChars: 64,
  /** Signalling: a session description has 2 to 6 KiB. */
  signalBytes: 64 * KiB,
  signalMessagesPerSecond: 50,
  signalBytesPerSecond: 128 * KiB,
  /** Seconds of either that may come at once: joining twelve peers is twelve offers with ten candidates each. */
  signalBurstSeconds: 4,
  signalConnectionsPerAddress: 256,
  /** Per server of the list: a good one answers in 0.3 s. */
  signalOpenMs: 5 * SECOND,
  /** A socket that was lost is opened again after the first wait; waits double up to the last, with jitter, for ever. */
  signalRetryFirstMs: 500,
  signalRetryLastMs: 30 * SECOND,
  /** A connection that failed may be that of a suspended machine: it is back within this, or not at all. */
  failedMs: 3 * SECOND,
  /** What a closed connection may still need to bring its last messages over. */
  closeMs: 2 * SECOND,

  // --- Relay: what a peer carries between two others that can't be linked directly.
  /** Characters of one box: with its envelope it fits into one frame. */
  relayBoxChars: 64_000,
  /** What a peer carries from one peer to another, messages and bytes a second: a stream of 500 tokens a second is 60
   *  messages and 30 KiB, and a page of a conference's network has some 2 Mbit/s to give away. */
  relayPairMessagesPerSecond: 200,
  relayPairBytesPerSecond: 256 * KiB,
  /** And for all together: half of what one link takes, so that nobody's own link suffers. */
  relayMessagesPerSecond: 400,
  relayBytesPerSecond: 1 * MiB,
  /** Seconds of either that may come at once after silence: a long prompt. */
  relayBurstSeconds: 4,
  /** What may wait in the link to whom it is carried; with more it carries nothing there. A link ends at four times this. */
  relayHeldBytes: 1 * MiB,
  /** What is under way between the two ends before the writer waits: over 200 ms of round trip this is 1.2 MiB a second. */
  relayWindowBytes: 256 * KiB,
  /** Until the other end has answered through one neighbour: two links and two key agreements take less than a second. */
  relayAnswerMs: 3 * SECOND,
  /** Neighbours that are tried in one dial. */
  relayTries: 3,
  /** How long a direct dial goes on alone before a neighbour is asked too: a good one takes 15 to 150 ms, over TURN a second,
   *  and two seconds where packets are lost. */
  relayAfterMs: 2.5 * SECOND,
  /** Relayed connections of one peer with all others, and with one: two that dialled at once, and as many that are ending. */
  relayPaths: 64,
  relayPathsPerPeer: 4,

  // --- Reading the namespace of others.
  pathChars: 256,
  /** Text of one file: the log of a node with its last 100 events. */
  readChars: 16 * KiB,
  /** Names in one directory: of peers, or of a peer's nodes and files. */
  readEntries: 128,
  /** What one link may ask in a second, with a burst of twice that: a person who opens a tree. */
  readsPerSecond: 10,
  /** Until the other side has answered; it answers at once. */
  readMs: 5 * SECOND,
} as const;
