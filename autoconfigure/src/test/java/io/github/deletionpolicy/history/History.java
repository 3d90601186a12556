package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import io.github.deletionpolicy.history.Step.Ending;
import io.github.deletionpolicy.history.Step.Transaction;

/**
 * What is to happen: a program for each client, how the workers work and how often
 * something goes wrong with them. All of it follows from the seed; only how the threads
 * meet does not.
 *
 * @param seed where all comes from
 * @param workers how the workers work
 * @param programs what each client does
 */
record History(long seed, Workers workers, List<List<Step>> programs) {

	private static final int[] DELAYS = { 0, 0, 1, 8, 25, 60 };

	static History of(long seed) {
		SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 7);
		return new Draft(random, Mix.of(random)).history(seed);
	}

	int size() {
		return this.programs.stream()
			.flatMap(List::stream)
			.mapToInt((step) -> 1 + step.transaction().steps().size())
			.sum();
	}

	/**
	 * Return all that are a little shorter, boldest first.
	 */
	List<History> shorter() {
		List<History> shorter = new ArrayList<>();
		for (int client = 0; client < this.programs.size(); client++) {
			List<Step> program = this.programs.get(client);
			if (!program.isEmpty()) {
				shorter.add(with(client, List.of()));
			}
		}
		for (int part = 2; part <= 32; part *= 2) {
			for (int client = 0; client < this.programs.size(); client++) {
				List<Step> program = this.programs.get(client);
				int length = program.size() / part;
				for (int from = 0; length > 1 && from < program.size(); from += length) {
					int to = Math.min(from + length, program.size());
					shorter.add(with(client,
							Stream
								.concat(program.subList(0, from).stream(), program.subList(to, program.size()).stream())
								.toList()));
				}
			}
		}
		for (int client = 0; client < this.programs.size(); client++) {
			for (int i = 0; i < this.programs.get(client).size(); i++) {
				shorter.add(replacing(client, i, List.of()));
				Step step = this.programs.get(client).get(i);
				if (step.fault() != Fault.NONE) {
					shorter.add(replacing(client, i, List.of(step.withoutFault())));
				}
				for (int inner = 0; inner < step.transaction().steps().size(); inner++) {
					shorter.add(replacing(client, i, List.of(step.without(inner))));
				}
			}
		}
		if (this.workers.trouble() > 0) {
			shorter.add(new History(this.seed, this.workers.withoutTrouble(), this.programs));
		}
		return shorter;
	}

	private History replacing(int client, int position, List<Step> steps) {
		List<Step> program = new ArrayList<>(this.programs.get(client));
		program.remove(position);
		program.addAll(position, steps);
		return with(client, program);
	}

	private History with(int client, List<Step> program) {
		List<List<Step>> programs = new ArrayList<>(this.programs);
		programs.set(client, program);
		return new History(this.seed, this.workers, programs);
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder("seed %d, %s%n".formatted(this.seed, this.workers));
		for (int client = 0; client < this.programs.size(); client++) {
			for (Step step : this.programs.get(client)) {
				text.append("  client %d: %s%n".formatted(client, step));
			}
		}
		return text.toString();
	}

	/**
	 * How the workers work.
	 *
	 * @param batchSize rows per transaction
	 * @param concurrency lanes in all nodes together
	 * @param trouble how many of a hundred transactions something goes wrong with
	 */
	record Workers(int batchSize, int concurrency, int trouble) {

		Workers withoutTrouble() {
			return new Workers(this.batchSize, this.concurrency, 0);
		}

	}

	/**
	 * Where the clients are sent to.
	 */
	private enum Mix {

		EVERYWHERE(30, 18, Relation.values()), FLAT(30, 18, Relation.NOTE, Relation.NOTE, Relation.LETTER),
		TREES(30, 20, Relation.FOLDER, Relation.FOLDER, Relation.DOCUMENT, Relation.DOCUMENT, Relation.PAGE,
				Relation.PAGE, Relation.TAG),
		RESTRICTED(10, 14, Relation.ACCOUNT, Relation.BOOKING, Relation.BOOKING);

		private final int share;

		private final int steps;

		private final Relation[] relations;

		Mix(int share, int steps, Relation... relations) {
			this.share = share;
			this.steps = steps;
			this.relations = relations;
		}

		static Mix of(SplittableRandom random) {
			int lot = random.nextInt(100);
			for (Mix mix : values()) {
				lot -= mix.share;
				if (lot < 0) {
					return mix;
				}
			}
			return EVERYWHERE;
		}

	}

	/**
	 * A history that is being written.
	 */
	private static final class Draft {

		private final SplittableRandom random;

		private final Mix mix;

		private int inserted;

		Draft(SplittableRandom random, Mix mix) {
			this.random = random;
			this.mix = mix;
		}

		History history(long seed) {
			Workers workers = new Workers(new int[] { 2, 3, 50 }[this.random.nextInt(3)], 1 + this.random.nextInt(3),
					this.random.nextInt(3) * 5);
			int faults = this.random.nextInt(3) * 5;
			List<List<Step>> programs = new ArrayList<>();
			int clients = 2 + this.random.nextInt(3);
			for (int client = 0; client < clients; client++) {
				List<Step> program = new ArrayList<>();
				int steps = this.mix.steps / 2 + this.random.nextInt(this.mix.steps);
				while (program.size() < steps) {
					if (this.random.nextInt(9) == 0) {
						program.addAll(habit());
					}
					else {
						program.add(step(faults));
					}
				}
				programs.add(program);
			}
			return new History(seed, workers, programs);
		}

		/**
		 * What people do one after the other, and chance seldom would.
		 */
		private List<Step> habit() {
			Relation relation = this.mix.relations[this.random.nextInt(this.mix.relations.length)];
			if (!relation.isTimed()) {
				relation = Relation.DOCUMENT;
			}
			long id = id(relation);
			Duration delay = Duration.ofMillis(DELAYS[this.random.nextInt(DELAYS.length)]);
			Step delete = step(OperationKind.DELETE_SCHEDULED, relation, id, delay);
			return switch (this.random.nextInt(5)) {
				case 0 -> List.of(
						step(OperationKind.DELETE_SCHEDULED, relation, id,
								Duration.ofMillis(DELAYS[DELAYS.length - 1])),
						step(OperationKind.READ, relation, id, delay),
						step(this.random.nextBoolean() ? OperationKind.RESTORE_ROW : OperationKind.RESTORE_BY_SQL,
								relation, id, delay),
						step(OperationKind.SAVE_STALE, relation, id, delay));
				case 1 -> List.of(delete, step(OperationKind.RESTORE, relation, 0, delay));
				case 2 -> List.of(delete, step(OperationKind.CANCEL, relation, 0, delay));
				case 3 -> List.of(delete, open(step(OperationKind.HOLD, relation, id, delay)));
				default -> relation.cascadingChildren().isEmpty() ? List.of(delete, open(delete))
						: this.random.nextBoolean() ? List.of(delete, open(child(relation, id)))
								: List.of(delete, child(relation, id), child(relation, id));
			};
		}

		private Step child(Relation relation, long id) {
			return new Step(OperationKind.INSERT, relation.cascadingChildren().get(0), 100 + this.inserted++, id,
					Duration.ZERO, false, Fault.NONE, Transaction.NONE);
		}

		private Step step(OperationKind kind, Relation relation, long id, Duration delay) {
			return new Step(kind, relation, id, 1 + this.random.nextInt(3), delay, false, Fault.NONE, Transaction.NONE);
		}

		private Step open(Step step) {
			return new Step(OperationKind.TRANSACTION, step.relation(), 0, 0,
					Duration.ofMillis(this.random.nextInt(30)), false, Fault.NONE,
					new Transaction(List.of(step), Ending.COMMIT, false));
		}

		private Step step(int faults) {
			OperationKind kind = kind(false);
			if (kind != OperationKind.TRANSACTION) {
				return plain(kind, fault(faults), this.mix.relations[this.random.nextInt(this.mix.relations.length)]);
			}
			List<Step> steps = new ArrayList<>();
			int length = 1 + this.random.nextInt(3);
			Relation relation = this.mix.relations[this.random.nextInt(this.mix.relations.length)];
			for (int i = 0; i < length; i++) {
				steps.add(plain(kind(true), Fault.NONE, this.random.nextInt(3) > 0 ? relation
						: this.mix.relations[this.random.nextInt(this.mix.relations.length)]));
			}
			Ending ending = new Ending[] { Ending.COMMIT, Ending.COMMIT, Ending.COMMIT, Ending.ROLLBACK,
					Ending.SAVEPOINT }[this.random.nextInt(5)];
			return new Step(kind, relation, 0, 0, Duration.ofMillis(this.random.nextInt(5) * this.random.nextInt(8)),
					false, fault(faults), new Transaction(steps, ending, this.random.nextInt(8) == 0));
		}

		private Step plain(OperationKind kind, Fault fault, Relation drawn) {
			Relation relation = (drawn.isTimed() || !kind.isForTimed()) ? drawn : Relation.DOCUMENT;
			if (kind == OperationKind.MOVE && relation.parent() == null) {
				relation = (this.mix == Mix.FLAT) ? relation : Relation.DOCUMENT;
			}
			long id = (kind == OperationKind.INSERT) ? 100 + this.inserted++ : id(relation);
			Relation parent = relation.parent();
			long other = (kind == OperationKind.INSERT || kind == OperationKind.MOVE) && parent != null ? id(parent)
					: this.random.nextInt(1, 4);
			return new Step(kind, relation, id, other, Duration.ofMillis(DELAYS[this.random.nextInt(DELAYS.length)]),
					this.random.nextInt(5) == 0, fault, Transaction.NONE);
		}

		private long id(Relation relation) {
			return (this.inserted > 0 && this.random.nextInt(6) == 0) ? 100 + this.random.nextInt(this.inserted)
					: 1 + this.random.nextInt(relation.rows());
		}

		private OperationKind kind(boolean joining) {
			List<OperationKind> kinds = Stream.of(OperationKind.values())
				.filter((kind) -> !joining || kind.joins())
				.toList();
			int lot = this.random.nextInt(kinds.stream().mapToInt(OperationKind::weight).sum());
			for (OperationKind kind : kinds) {
				lot -= kind.weight();
				if (lot < 0) {
					return kind;
				}
			}
			throw new IllegalStateException();
		}

		private Fault fault(int share) {
			Fault.Type[] types = Fault.Type.values();
			return (this.random.nextInt(100) < share)
					? new Fault(types[1 + this.random.nextInt(types.length - 1)], 1 + this.random.nextInt(5))
					: Fault.NONE;
		}

	}

}
