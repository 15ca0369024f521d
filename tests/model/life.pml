/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * life.pml - the life-word protocol of the state tables, for spin: is anything lost, or anybody's
 * else's?
 *
 * How it works
 *
 * Two CPUs run packets, one program after the other, while a reaper sweeps, deadlines go by, a
 * person adds and removes a forward, and the external address is replaced. Spin runs them in
 * every order there is, one memory access or map operation at a time. tests/model/run has the
 * scenarios, and the mutants: the same model with one rule left out, which must fail.
 *
 * Properties, and where they are asserted
 *
 *	no port has two owners          claimed(), sends(), delivers(): whose is it, and who uses it?
 *	no living entry is deleted      fwd_delete(), ses_delete(); mine(): what a program saw alive
 *	                                is still the same entry when it uses it
 *	no claim is lost for ever       at rest, when nothing else can happen: all tables are empty,
 *	                                and no bit is set
 *	a count never drops below the   counts(), wherever a count or a session changes; at rest
 *	sessions that name the binding  none may be above either, or it would not be empty
 *	a released port rests           released(): what has been used outside has rested since
 *
 * Correspondence to the code, by the names of its functions
 *
 *	swap()                life_swap()            bpf/life.h, and so hold(), unhold():
 *	hold()                life_hold(), and the second look of binding_hold()
 *	unhold()              life_unhold()
 *	life_end()            the same
 *	usable(), reapable()  life_is_usable(), life_is_reapable()     include/nat_life.h
 *	publish()             binding_publish()      bpf/publish.h
 *	create()              binding_claim(), binding_create(), binding_adopt()      bpf/binding.h
 *	bind()                outbound_bind()        bpf/outbound.h
 *	outbound()            outbound_translate(), outbound_known()
 *	inbound()             session_find(), inbound_open(), inbound_new()    bpf/inbound_open.h
 *	session()             session_create(), session_insert(), session_revive() bpf/session_open.h
 *	move()                binding_move(), rev_revive(), rev_leave()        bpf/binding_move.h
 *	reap_session() ...    the same               bpf/nat_control.bpf.c, reap_begin(): bpf/reap.h
 *	forward_add() ...     forward_add(), forward_meet(), forward_promote(), forward_del(),
 *	                      forward_cut(), forward_move()                    bpf/forward.h
 *	keeper()              pool_write(), leavers_end() user/pool.c, nat_flush() bpf/flush.h
 *
 * What is kept of the machine: a map element that is freed is the next one to be handed out, so a
 * pointer may come to lead to another entry. A map operation is one step, atomic; so is a
 * compare-and-swap; every other read is a step of its own.
 *
 * What is abstracted away
 *
 *	Time: a deadline is ahead, past or never, and goes by at any moment. The grace: an entry may be
 *	reaped when every program has ended that was running when its deadline went by. That a
 *	program ends within the grace is assumed here, not shown; likewise that the address changes
 *	no more than once while a program runs, and that nobody adds and removes a forward meanwhile.
 *	A compare-and-swap is not given up after four attempts: a loser begins again.
 *	Host records, whose count follows the same rules as a binding's. Permits, replies, fragments
 *	and held SYNs, on which nothing counts. Limits. TCP states: a session is alive or not.
 *	Which port is drawn: any free one, without the hints of the claim set.
 *	One remote endpoint, one protocol with ports, endpoint-independent mapping.
 */

/* Of a scenario: programs that the one CPU runs and that the other does, elements of the tables,
 * moves of the address, forwards added and removed, how often a delete may answer -EBUSY. */
#ifndef ONE
#define ONE 1
#endif
#ifndef OTHER
#define OTHER 1
#endif
#ifndef FLOWS		/* 1: there is a flow already: of 1, by port 0 */
#define FLOWS 1
#endif
#ifndef OWNERS		/* internal endpoints that send */
#define OWNERS 2
#endif
#ifndef INBOUND	/* 1: packets come in, too */
#define INBOUND 1
#endif
#ifndef EXPIRES	/* 0: deadlines go by only while no packet is under way */
#define EXPIRES 1
#endif
#define ELEMENTS 2
#ifndef MOVES
#define MOVES 0
#endif
#ifndef FORWARDS
#define FORWARDS 0
#endif
#ifndef EBUSY
#define EBUSY 0
#endif

/* The rules that a mutant leaves out; `run` sets one of them to 0. */
#ifndef LOOKS_AGAIN	/* after holding: is it still the same entry? */
#define LOOKS_AGAIN 1
#endif
#ifndef LOOKS_AT_OWNER	/* is a session that was found that of the internal endpoint? */
#define LOOKS_AT_OWNER 1
#endif
#ifndef GENERATIONS	/* the low bits of a session's word say of which flow it is */
#define GENERATIONS 1
#endif
#ifndef COUNTS_FIRST	/* a binding counts its first session at publication */
#define COUNTS_FIRST 1
#endif
#ifndef GRACE		/* nothing is deleted while programs run that may have seen it alive */
#define GRACE 1
#endif
#ifndef RESTS		/* ports rest */
#define RESTS 1
#endif
#ifndef MARKS		/* who loses a race marks what is left of it */
#define MARKS 1
#endif
#ifndef CLAIM_LAST	/* the claim is given back after the reverse entry has gone */
#define CLAIM_LAST 1
#endif
#ifndef SWAPS		/* the reaper takes by compare-and-swap what it has judged */
#define SWAPS 1
#endif
#ifndef UNCOUNTS	/* a session that came to nothing is taken back */
#define UNCOUNTS 1
#endif
#ifndef MOVED_MARK	/* the orphan of a move has no claim, and says so */
#define MOVED_MARK 1
#endif
#ifndef GIVES_BACK	/* a claim that could not be published, whoever has the endpoint */
#define GIVES_BACK 1
#endif
#ifndef SEES_END	/* a new session looks whether its binding has been ended meanwhile */
#define SEES_END 1
#endif

#define CPUS 2
#define CONTROL CPUS	/* the number of nat_forward's program */
#define PORTS 2
#define NONE 7

/* Owners are internal endpoints, 1 and 2; 0 is nobody. An external endpoint is an address, 0 or
 * 1, and a port: addr * PORTS + port. */
#define port_of(ext) ((ext) % PORTS)
#define addr_of(ext) ((ext) / PORTS)

/*
 * A life word: state, whether its deadline is never, whether it is the orphan of a move, two bits
 * that are others for the next deadline, count. Whether the deadline has gone by is no part of it:
 * that happens without anybody writing.
 */
#define LIVE 1
#define RESTING 2
#define DELETING 3
#define word(st, nev, mvd, ct) ((st) << 7 | (nev) << 6 | (mvd) << 5 | (ct))
#define state_of(life) ((life) >> 7)
#define never_of(life) ((life) >> 6 & 1)
#define moved_of(life) ((life) >> 5 & 1)
#define count_of(life) ((life) & 7)
#define next_date(life) (((life) + 8) & 24)
#define redated(life) (((life) & ~24) | next_date(life))

/* What has become of the deadline of an entry */
#define AHEAD 0
#define EXPIRED 1	/* programs that were running then have not noticed */
#define ORDERED 2	/* set to the past by an order */

typedef entry {
	byte key;	/* fwd: owner. rev: ext + 1. ses: ext + 1. 0: the element is free */
	byte value;	/* fwd: ext. rev, ses: owner */
	short life;
	byte past;
	byte running;	/* programs that were running when it went by */
	bool fixed;	/* fwd: a static binding */
};

entry fwd[ELEMENTS], rev[ELEMENTS + 1], ses[ELEMENTS];
bool claim[PORTS];
byte running;		/* programs under way, a bit each */
byte address;		/* the pool: the address of the moment */
byte since;		/* programs that were running when it was last replaced, or a forward made */
byte busy;		/* deletes that have been answered -EBUSY */
hidden byte x, y;

/* What spin knows and the code does not */
byte owner[PORTS];	/* who has published a binding of it since it was claimed */
bool used[PORTS];	/* has something left from it since then? */
bool rested[PORTS];
bool was_cut;		/* the forward has been ended, and so have its sessions */

#define is_seen_past(e, me) \
	(e.past == ORDERED || (e.past == EXPIRED && !(e.running & 1 << (me))))
#define usable(e, me) (state_of(e.life) == LIVE && !is_seen_past(e, me))
#define has_ended(e) (e.past && (!GRACE || !e.running))
#define reapable(e) (state_of(e.life) == DELETING || has_ended(e))

/* ---- moves on one word, and map operations: a step each -------------------------------------- */

#define ORDER(e) e.past = ORDERED; e.running = running
#define DATE(e) e.past = AHEAD; e.running = 0

/* What a swap does to the deadline */
#define KEEP 3

inline swap(e, from, to, when, ok)
{
	d_step {
		if
		:: e.life == (from) ->
			e.life = (to);
			if
			:: (when) == ORDERED -> ORDER(e)
			:: (when) == AHEAD -> DATE(e)
			:: else
			fi;
			ok = true
		:: else -> ok = false
		fi
	}
}

/* Macros, for spin does not hand an array over. */
#define find(table, size, k, at) \
	d_step { \
		at = NONE; \
		for (x : 0 .. (size) - 1) { \
			if :: table[x].key == (k) -> at = x :: else fi \
		} \
		x = 0 \
	}

#define INSERTED 0
#define EXISTS 1
#define FULL 2

/* BPF_NOEXIST. The lowest element that is free is taken, so one just freed is soon another's. */
#define insert(table, size, k, v, w, err) \
	d_step { \
		err = FULL; \
		y = NONE; \
		for (x : 0 .. (size) - 1) { \
			if \
			:: table[x].key == (k) -> err = EXISTS \
			:: !table[x].key && y == NONE -> y = x \
			:: else \
			fi \
		} \
		if \
		:: err == FULL && y != NONE -> \
			table[y].key = (k); \
			table[y].value = (v); \
			table[y].life = (w); \
			DATE(table[y]); \
			err = INSERTED \
		:: else \
		fi; \
		x = 0; \
		y = 0 \
	}

/* ---- properties -------------------------------------------------------------------------------- */

/* Sessions that name the binding of @i */
#define named(i) ((ses[0].key && ses[0].value == (i)) + (ses[1].key && ses[1].value == (i)))
#define counts(b, i) assert(count_of(fwd[b].life) >= named(i))

inline claimed(p)
{
	assert(!owner[p]);
	used[p] = false;
	rested[p] = false
}

inline released(p)
{
	assert(claim[p]);
	assert(!used[p] || rested[p]);
	claim[p] = false;
	owner[p] = 0;
	used[p] = false
}

inline sends(i, ext)
{
	d_step {
		assert(claim[port_of(ext)] && owner[port_of(ext)] == i);
		used[port_of(ext)] = true
	}
}

inline delivers(i, ext)
{
	assert(claim[port_of(ext)] && owner[port_of(ext)] == i)
}

/* Nobody goes on with what a person has ended, once all programs that knew it have ended. */
inline ends()
{
	for (x : 0 .. ELEMENTS - 1) {
		for (y : 0 .. ELEMENTS - 1) {
			assert(!was_cut || running || !ses[x].key || ses[x].past || !fwd[y].fixed ||
			       !fwd[y].past || fwd[y].key != ses[x].value)
		}
	}
	x = 0;
	y = 0
}

/* ---- counting ------------------------------------------------------------------------------------ */

inline begin(me)
{
	running = running | 1 << me
}

inline finish(me)
{
	d_step {
		running = running & ~(1 << me);
		since = since & ~(1 << me);
		for (x : 0 .. ELEMENTS - 1) {
			fwd[x].running = fwd[x].running & ~(1 << me);
			ses[x].running = ses[x].running & ~(1 << me);
		}
		for (x : 0 .. ELEMENTS) {
			rev[x].running = rev[x].running & ~(1 << me);
		}
		ends()
	}
}

/* One more session on element @b; @revives: brings a dead one back to life */
inline hold(b, me, revives, ok)
{
	do
	:: d_step { old = fwd[b].life; dead = !usable(fwd[b], me) };
		if
		:: state_of(old) == DELETING || (!(revives) && dead) -> ok = false; break
		:: else
		fi;
		if
		:: dead -> swap(fwd[b], old,
				word(LIVE, 0, 0, count_of(old) + 1) | next_date(old), AHEAD, ok)
		:: !dead && (revives) && !never_of(old) -> swap(fwd[b], old, old + 1, AHEAD, ok)
		:: else -> swap(fwd[b], old, old + 1, KEEP, ok)
		fi;
		if
		:: ok -> break
		:: else
		fi
	od;
	atomic { old = 0; dead = false }
}

/* One session less on element @b. Its loop of swaps is one step here. */
inline uncount(b, me)
{
	if
	:: count_of(fwd[b].life) == 1 && is_seen_past(fwd[b], me) ->
		fwd[b].life = word(state_of(fwd[b].life), 0, 0, 0) |
			      next_date(fwd[b].life);
		ORDER(fwd[b])
	:: count_of(fwd[b].life) > 0 &&
	   !(count_of(fwd[b].life) == 1 && is_seen_past(fwd[b], me)) -> fwd[b].life--
	:: else
	fi
}

/* The same, of the binding of @i, which was counted on: so it must be there */
inline unhold(b, i, me)
{
	d_step {
		assert(fwd[b].key == i);
		uncount(b, me);
		counts(b, i)
	}
}

inline life_end(e, me)
{
	d_step {
		if
		:: usable(e, me) && !never_of(e.life) ->
			e.life = redated(e.life);
			ORDER(e)
		:: else
		fi
	}
}

/* ---- making a binding ------------------------------------------------------------------------------ */

#define PUBLISHED 0
#define LOST 1
#define LEFT 2
#define REFUSED 3
#define STRANDED 4
#define CLASHED 5

#define mirrored word(LIVE, 1, 0, 0)

inline publish(i, ext, w, is_fixed, result)
{
	insert(rev, ELEMENTS + 1, ext + 1, i, mirrored, err);
	if
	:: err == EXISTS ->
		result = LEFT;
		if
		:: !GIVES_BACK ->
			find(rev, ELEMENTS + 1, ext + 1, o);
			if
			:: o != NONE && !moved_of(rev[o].life) -> result = CLASHED
			:: else
			fi
		:: else
		fi
	:: err == FULL -> result = REFUSED
	:: else ->
		atomic {
			insert(fwd, ELEMENTS, i, ext, w, err);
			if
			:: err == INSERTED ->
				find(fwd, ELEMENTS, i, o);
				fwd[o].fixed = is_fixed;
				assert(!owner[port_of(ext)]);
				owner[port_of(ext)] = i;
				counts(o, i);
				result = PUBLISHED
			:: else
			fi
		}
		if
		:: err != INSERTED ->
			result = (err == EXISTS -> LOST : STRANDED);
			find(rev, ELEMENTS + 1, ext + 1, o);
			if
			:: MARKS && o != NONE ->
				swap(rev[o], mirrored, word(LIVE, 0, 0, 0), ORDERED, ok)
			:: else
			fi
		:: else
		fi
	fi;
	d_step { o = 0; err = 0; ok = false }
}

/* For a packet of @i; result: PUBLISHED, with its external endpoint in @ext, or not */
inline create(i, ext, me, result)
{
	atomic {
		if
		:: !claim[0] -> claim[0] = true; ext = 0; claimed(0); result = PUBLISHED
		:: !claim[1] -> claim[1] = true; ext = 1; claimed(1); result = PUBLISHED
		:: claim[0] && claim[1] -> result = REFUSED
		fi;
		ext = address * PORTS + ext
	}
	if
	:: result == PUBLISHED ->
		publish(i, ext, word(LIVE, 0, 0, COUNTS_FIRST), false, result);
		if
		:: result == LEFT || result == REFUSED -> d_step { released(port_of(ext)) }
		:: result == LOST ->
			find(fwd, ELEMENTS, i, b);
			if
			:: b != NONE ->
				hold(b, me, !fwd[b].fixed, ok);
				if
				:: ok -> d_step { ext = fwd[b].value; result = PUBLISHED }
				:: else
				fi
			:: else
			fi;
			b = NONE
		:: else
		fi
	:: else
	fi
}

/* ---- moving one -------------------------------------------------------------------------------------- */

inline rev_leave(key_of, mark)
{
	find(rev, ELEMENTS + 1, key_of, o);
	if
	:: o != NONE -> swap(rev[o], mirrored, word(LIVE, 0, mark, 0), ORDERED, ok)
	:: else
	fi
}

inline move(b, i, to, result)
{
	was = fwd[b].value;
	result = true;
	if
	:: was != to ->
		insert(rev, ELEMENTS + 1, to + 1, i, mirrored, err);
		if
		:: err == EXISTS ->
			find(rev, ELEMENTS + 1, to + 1, o);
			result = false;
			if
			:: o != NONE && rev[o].value == i ->
				old = rev[o].life;
				if
				:: old == mirrored -> result = true
				:: old != mirrored && state_of(old) != DELETING && moved_of(old) ->
					swap(rev[o], old, mirrored, KEEP, result)
				:: else
				fi
			:: else
			fi
		:: err == FULL -> result = false
		:: else
		fi;
		if
		:: result ->
			atomic {
				if
				:: fwd[b].value == was -> fwd[b].value = to; ok = true
				:: else -> ok = false
				fi
			}
			if
			:: ok -> rev_leave(was + 1, MOVED_MARK)
			:: else ->
				result = (fwd[b].value == to);
				if
				:: !result -> rev_leave(to + 1, MOVED_MARK)
				:: else
				fi
			fi
		:: else
		fi
	:: else
	fi;
	d_step { was = 0; o = 0; old = 0; err = 0; ok = false }
}

/* ---- packets -------------------------------------------------------------------------------------------- */

/* A session of endpoint @ext that is alive, in @s; its word is read after it has been found. */
inline find_session(ext, s, me)
{
	find(ses, ELEMENTS, ext + 1, s);
	if
	:: s != NONE ->
		d_step {
			if
			:: !usable(ses[s], me) || (GENERATIONS && ses[s].key != ext + 1) -> s = NONE
			:: else
			fi
		}
	:: else
	fi
}

/* The session of @i at @ext, which has been counted on its binding; @b: element, or NONE */
inline session(i, ext, b, me, result)
{
	insert(ses, ELEMENTS, ext + 1, i, word(LIVE, 0, 0, 0), err);
	result = true;
	if
	:: err == INSERTED -> skip
	:: err == EXISTS ->
		find(ses, ELEMENTS, ext + 1, s);
		ok = false;
		if
		:: s != NONE ->
			d_step { old = ses[s].life; dead = !usable(ses[s], me) };
			if
			:: state_of(old) == DELETING || ses[s].value != i -> skip
			:: else ->
				if
				:: !dead -> ok = true
				:: else -> swap(ses[s], old, redated(old), AHEAD, ok)
				fi
			fi
		:: else
		fi;
		result = ok
	:: else -> result = false
	fi;
	if
	:: err != INSERTED && UNCOUNTS ->
		o = b;
		if
		:: b == NONE -> find(fwd, ELEMENTS, i, o)
		:: else
		fi;
		if
		:: o != NONE -> unhold(o, i, me)
		:: else
		fi
	:: else
	fi;
	/* session_end_with() */
	if
	:: result && b != NONE && SEES_END ->
		d_step { dead = !usable(fwd[b], me) && fwd[b].fixed };
		if
		:: dead ->
			find_session(ext, s, me);
			if
			:: s != NONE -> life_end(ses[s], me)
			:: else
			fi
		:: else
		fi
	:: else
	fi;
	d_step { s = 0; o = 0; old = 0; err = 0; ok = false; dead = false }
}

/* Count one session more on the binding that was found in @b */
inline bind(i, ext, b, me, result)
{
	ext = fwd[b].value;
	to = address * PORTS + port_of(ext);
	d_step { dead = !usable(fwd[b], me); was_dead = dead };
	hold(b, me, !fwd[b].fixed, result);
	if
	:: result ->
		/* A pointer that was dead may lead to another entry by now. */
		if
		:: LOOKS_AGAIN || was_dead ->
			find(fwd, ELEMENTS, i, o);
			result = (o == b && (!LOOKS_AGAIN || port_of(fwd[b].value) == port_of(ext)))
		:: else
		fi;
		if
		:: result && to != ext -> move(b, i, to, result)
		:: else
		fi;
		if
		:: result -> ext = to
		:: else -> d_step { uncount(b, me) }
		fi
	:: else
	fi;
	d_step { was_dead = false; dead = false; to = 0; o = 0 }
}

/* As far as the session that is to be made: @opens, counted on @b, or on what was just made */
inline outbound(i, me)
{
	find(fwd, ELEMENTS, i, b);
	s = NONE;
	if
	:: b != NONE ->
		d_step { dead = !usable(fwd[b], me) };
		if
		:: !dead ->
			ext = fwd[b].value;
			find_session(ext, s, me)
		:: else
		fi
	:: else
	fi;
	if
	:: s != NONE ->
		d_step {
			result = (!LOOKS_AT_OWNER || ses[s].value == i);
			if
			:: result ->
				assert(ses[s].key == ext + 1);
				if :: usable(ses[s], me) -> DATE(ses[s]) :: else fi;
				if :: usable(fwd[b], me) && !never_of(fwd[b].life) -> DATE(fwd[b]) :: else fi
			:: else
			fi
		};
		if
		:: result && addr_of(ext) != address ->
			life_end(ses[s], me);
			life_end(fwd[b], me);
			result = false
		:: else
		fi
	:: s == NONE && b != NONE ->
		bind(i, ext, b, me, result);
		opens = result
	:: else ->
		create(i, ext, me, made);
		result = (made == PUBLISHED);
		opens = result;
		b = NONE
	fi
}

/* Likewise; @i: whose binding it is */
inline inbound(me)
{
	find_session(ext, s, me);
	if
	:: s != NONE ->
		d_step { i = ses[s].value; result = true; assert(ses[s].key == ext + 1) }
	:: else ->
		find(rev, ELEMENTS + 1, ext + 1, o);
		b = NONE;
		if
		:: o != NONE ->
			d_step { dead = !usable(rev[o], me) };
			if
			:: !dead ->
				i = rev[o].value;
				find(fwd, ELEMENTS, i, b);
				if
				:: b != NONE && fwd[b].value == ext ->
					d_step { dead = !usable(fwd[b], me) }
				:: else -> b = NONE
				fi
			:: else
			fi
		:: else
		fi;
		if
		:: b != NONE && !dead ->
			hold(b, me, false, result);
			if
			:: result && LOOKS_AGAIN ->
				find(fwd, ELEMENTS, i, o);
				result = (o == b && fwd[b].value == ext);
				if
				:: !result -> d_step { uncount(b, me) }
				:: else
				fi
			:: else
			fi;
			opens = result
		:: else
		fi
	fi
}

proctype cpu(byte me; byte programs)
{
	byte i, b, s, o, ext, to, was, err, made;
	short old;
	bool dead, was_dead, ok, result, opens, is_out;

	do
	:: atomic {
		programs -> programs--;
		begin(me);
		if
		:: i = 1; is_out = true
		:: OWNERS == 2 -> i = 2; is_out = true
		:: INBOUND -> ext = address * PORTS
		:: INBOUND -> ext = address * PORTS + 1
		fi
	   }
		if
		:: is_out -> outbound(i, me)
		:: else -> inbound(me)
		fi;
		if
		:: opens -> session(i, ext, b, me, result)
		:: else
		fi;
		if
		:: result && is_out -> sends(i, ext)
		:: result && !is_out -> delivers(i, ext)
		:: else
		fi;
		atomic {
			finish(me);
			i = 0; b = 0; s = 0; o = 0; ext = 0; err = 0; made = 0; is_out = false;
			dead = false; ok = false; result = false; opens = false
		}
	:: !programs -> break
	od
}

/* ---- the reaper -------------------------------------------------------------------------------------------- */

/* Take what has been judged as @from */
inline take(e, from, ok)
{
	if
	:: SWAPS -> swap(e, from, word(DELETING, 0, moved_of(from), count_of(from)), KEEP, ok)
	:: else -> e.life = word(DELETING, 0, moved_of(from), count_of(from)); ok = true
	fi
}

/* Free an element; or not yet */
inline delete(e, ok)
{
	atomic {
		if
		:: e.key = 0; ok = true
		:: busy < EBUSY -> busy++; ok = false
		fi
	}
}

inline reap_session(n)
{
	find(fwd, ELEMENTS, ses[n].value, b);
	take(ses[n], old, ok);
	if
	:: ok ->
		i = ses[n].value;
		delete(ses[n], ok);
		if
		:: ok -> assert(b != NONE); unhold(b, i, NONE)
		:: else
		fi
	:: else
	fi
}

/* Delete reverse entry @o of @ext, and give back its claim, if it has one */
inline reap_reverse(o, ext)
{
	has_claim = !moved_of(rev[o].life);
	if
	:: has_claim && !CLAIM_LAST -> d_step { released(port_of(ext)) }
	:: else
	fi;
	delete(rev[o], ok);
	if
	:: ok && has_claim && CLAIM_LAST -> d_step { released(port_of(ext)) }
	:: else
	fi
}

inline reap_rest(n)
{
	atomic {
		ok = !RESTS || fwd[n].fixed || addr_of(ext) != address;
		if
		:: ok ->
			swap(fwd[n], old, word(RESTING, 0, 0, 0) | next_date(old), ORDERED, ok);
			/* Nobody asks it to rest. */
			if :: ok && RESTS -> rested[port_of(ext)] = true :: else fi
		:: else ->
			swap(fwd[n], old, word(RESTING, 0, 0, 0) | next_date(old), AHEAD, ok)
		fi
	}
}

inline reap_binding(n)
{
	take(fwd[n], old, ok);
	if
	:: ok ->
		find(rev, ELEMENTS + 1, ext + 1, o);
		if
		:: o != NONE ->
			old = rev[o].life;
			swap(rev[o], old, word(DELETING, 0, moved_of(old), 0), ORDERED, ok)
		:: else
		fi;
		d_step { assert(!count_of(fwd[n].life) && !named(fwd[n].key)) };
		delete(fwd[n], ok);
		if
		:: ok && o != NONE -> reap_reverse(o, ext)
		:: else
		fi
	:: else
	fi
}

inline reap_orphan(n)
{
	ext = rev[n].key - 1;
	find(fwd, ELEMENTS, rev[n].value, b);
	if
	:: b != NONE && fwd[b].value == ext -> skip
	:: else ->
		take(rev[n], old, ok);
		if
		:: ok -> reap_reverse(n, ext)
		:: else
		fi
	fi
}

#define is_over(e) (state_of(e.life) == LIVE && !count_of(e.life) && !never_of(e.life))
#define is_due(e) (state_of(e.life) != LIVE && reapable(e))
#define has_mirror(r, f) (f.key == r.value && f.value + 1 == r.key)
#define is_orphan(r) (r.key && !never_of(r.life) && reapable(r) && \
		      !has_mirror(r, fwd[0]) && !has_mirror(r, fwd[1]))

/* It visits entries in any order; what it would leave as it is, it need not visit. */
proctype reaper()
{
	byte n, i, b, o, ext;
	short old;
	bool ok, has_claim;

end:	do
	:: atomic {
		if
		:: ses[0].key && reapable(ses[0]) -> n = 0
		:: ses[1].key && reapable(ses[1]) -> n = 1
		fi;
		old = ses[n].life
	   }
	   reap_session(n);
	   atomic { n = 0; i = 0; b = 0; old = 0; ok = false }
	:: atomic {
		if
		:: fwd[0].key && is_over(fwd[0]) -> n = 0
		:: fwd[1].key && is_over(fwd[1]) -> n = 1
		fi;
		old = fwd[n].life;
		ext = fwd[n].value
	   }
	   reap_rest(n);
	   atomic { n = 0; ext = 0; old = 0; ok = false }
	:: atomic {
		if
		:: fwd[0].key && is_due(fwd[0]) -> n = 0
		:: fwd[1].key && is_due(fwd[1]) -> n = 1
		fi;
		old = fwd[n].life;
		ext = fwd[n].value
	   }
	   reap_binding(n);
	   atomic { n = 0; o = 0; ext = 0; old = 0; ok = false; has_claim = false }
	:: atomic {
		if
		:: is_orphan(rev[0]) -> n = 0
		:: is_orphan(rev[1]) -> n = 1
		:: is_orphan(rev[2]) -> n = 2
		fi;
		old = rev[n].life
	   }
	   reap_orphan(n);
	   atomic { n = 0; b = 0; ext = 0; old = 0; ok = false; has_claim = false }
	od
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

#define can_expire(e) \
	((EXPIRES || !running) && e.key && !e.past && !never_of(e.life) && state_of(e.life) != DELETING)

inline expire(e)
{
	e.past = EXPIRED;
	e.running = running
}

/* Deadlines go by, at any moment */
proctype clock()
{
	byte n;

end:	do
	:: atomic {
		if
		:: can_expire(ses[0]) -> n = 0
		:: can_expire(ses[1]) -> n = 1
		fi;
		expire(ses[n]);
		n = 0
	   }
	:: atomic {
		if
		:: can_expire(fwd[0]) -> n = 0
		:: can_expire(fwd[1]) -> n = 1
		fi;
		if
		:: state_of(fwd[n].life) == RESTING -> rested[port_of(fwd[n].value)] = true
		:: else
		fi;
		expire(fwd[n]);
		n = 0
	   }
	od
}

/* ---- a person: 1 is to be reached by port 0 ------------------------------------------------------------------------ */

#define WAIT 0
#define DONE 1

inline forward_promote()
{
	old = fwd[b].life;
	if
	:: state_of(old) != DELETING ->
		swap(fwd[b], old, word(LIVE, 1, 0, count_of(old)), AHEAD, ok);
		if
		:: ok ->
			find(fwd, ELEMENTS, 1, o);
			if
			:: o != b || (LOOKS_AGAIN && fwd[b].value != 0) -> swap(fwd[b], word(LIVE, 1, 0, count_of(old)), old, KEEP, ok)
			:: else -> fwd[b].fixed = true; result = DONE
			fi
		:: else
		fi
	:: else
	fi
}

inline forward_meet()
{
	i = rev[o].value;
	find(fwd, ELEMENTS, i, b);
	if
	:: b != NONE && fwd[b].value == 0 ->
		if
		:: i == 1 -> forward_promote()
		:: else ->
			d_step { old = fwd[b].life; dead = is_seen_past(fwd[b], CONTROL) };
			if
			:: state_of(old) == RESTING && !dead ->
				atomic {
					swap(fwd[b], old, redated(old), ORDERED, ok);
					if :: ok -> rested[0] = true :: else fi
				}
			:: else
			fi
		fi
	:: else
	fi
}

inline forward_add()
{
	find(rev, ELEMENTS + 1, 1, o);
	if
	:: o != NONE -> forward_meet()
	:: else ->
		atomic { ok = !claim[0]; if :: ok -> claim[0] = true; claimed(0) :: else fi }
		if
		:: ok ->
			find(fwd, ELEMENTS, 1, b);
			if
			:: b == NONE ->
				publish(1, 0, word(LIVE, 1, 0, 0), true, made);
				if
				:: made == PUBLISHED -> result = DONE
				:: made == LEFT || made == REFUSED -> d_step { released(0) }
				:: else
				fi
			:: else -> d_step { released(0) } /* another key: not in this model */
			fi
		:: else
		fi
	fi
}

inline forward_del()
{
	find(rev, ELEMENTS + 1, 1, o);
	assert(o != NONE);
	find(fwd, ELEMENTS, rev[o].value, b);
	assert(b != NONE && fwd[b].key == 1 && fwd[b].fixed);
	old = fwd[b].life;
	swap(fwd[b], old, old & ~word(0, 1, 0, 0), ORDERED, result)
}

inline forward_cut()
{
	for (n : 0 .. ELEMENTS - 1) {
		if
		:: ses[n].key ->
			i = ses[n].value;
			find(fwd, ELEMENTS, i, b);
			if
			:: b != NONE && fwd[b].fixed && fwd[b].past ->
				/* Also what has died while a program runs, which finds it alive. */
				d_step {
					if
					:: state_of(ses[n].life) == LIVE && ses[n].past != ORDERED &&
					   (!ses[n].past || ses[n].running) ->
						ses[n].life = redated(ses[n].life);
						ORDER(ses[n])
					:: else
					fi
				}
			:: else
			fi
		:: else
		fi
	}
}

#define rest_of_control \
	{ finish(CONTROL); n = 0; i = 0; b = 0; o = 0; old = 0; made = 0; ok = false; dead = false }

proctype control()
{
	byte forwards, n, i, b, o, err, made;
	short old;
	bool ok, dead, result;

	do
	:: forwards < FORWARDS ->
		forwards++;
		begin(CONTROL);
		forward_add();
		atomic { rest_of_control; since = running };
		if
		:: result ->
			result = WAIT;
			do
			:: atomic { !result && !since -> begin(CONTROL) }
				forward_del();
				atomic { rest_of_control }
			:: result -> break
			od;
			result = WAIT;
			begin(CONTROL);
			forward_cut();
			atomic { was_cut = true; rest_of_control; was_cut = forwards == FORWARDS }
		:: else
		fi
	:: else -> break
	od
}

/* ---- the keeper: the address is replaced, and what hung on the old one is ended --------------------------------------- */

proctype keeper()
{
	byte moves, n;

	do
	:: moves < MOVES ->
		atomic {
			!since -> moves++;
			address = 1 - address;
			since = running
		}
		for (n : 0 .. ELEMENTS - 1) {
			if
			:: ses[n].key && addr_of(ses[n].key - 1) != address -> life_end(ses[n], NONE)
			:: else
			fi
		}
		for (n : 0 .. ELEMENTS - 1) {
			if
			:: fwd[n].key && addr_of(fwd[n].value) != address && !fwd[n].fixed ->
				life_end(fwd[n], NONE)
			:: else
			fi
		}
		n = 0
	:: else -> break
	od
}

/* ---- when nothing else can happen, nothing may be left ------------------------------------------------------------------- */

inline flow()
{
	claim[0] = true;
	owner[0] = 1;
	used[0] = true;
	fwd[0].key = 1;
	fwd[0].life = word(LIVE, 0, 0, 1);
	rev[0].key = 1;
	rev[0].value = 1;
	rev[0].life = mirrored;
	ses[0].key = 1;
	ses[0].value = 1;
	ses[0].life = word(LIVE, 0, 0, 0)
}

init {
	atomic {
		if :: FLOWS -> flow() :: else fi;
		run cpu(0, ONE);
		run cpu(1, OTHER);
		run reaper();
		run clock();
		if :: FORWARDS -> run control() :: else fi;
		if :: MOVES -> run keeper() :: else fi
	}
	timeout;
	assert(!claim[0] && !claim[1]);
	assert(!fwd[0].key && !fwd[1].key && !ses[0].key && !ses[1].key);
	assert(!rev[0].key && !rev[1].key && !rev[2].key)
}
