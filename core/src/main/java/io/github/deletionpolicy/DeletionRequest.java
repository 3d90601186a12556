package io.github.deletionpolicy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.data.relational.core.query.CriteriaDefinition;

/**
 * A delete: what the caller of {@link DeleteOperations} said and, once
 * {@link DeleteTemplate} has resolved it, what that means. A {@link DeletionExecutor}
 * gets resolved requests only.
 *
 * @param selection which rows
 * @param modeOfCall the mode that the caller said; {@code null} for the table's
 * @param delayOfCall the delay that the caller said; {@code null} for the table's
 * @param cascade whether the delete cascades to dependent rows
 * @param includingDeleted whether rows that are already deleted are stamped again
 * @param reason why; {@code null} if the caller did not say
 * @param resolution the table and its policy; {@code null} until the request is resolved
 * @since 0.1
 */
public record DeletionRequest(Selection selection, @Nullable DeletionMode modeOfCall, @Nullable Duration delayOfCall,
		CascadeMode cascade, boolean includingDeleted, @Nullable String reason, @Nullable Resolution resolution) {

	DeletionRequest(Selection selection) {
		this(selection, null, null, CascadeMode.CATALOG, false, null, null);
	}

	DeletionRequest withMode(DeletionMode mode, @Nullable Duration delay) {
		return new DeletionRequest(this.selection, mode, delay, this.cascade, this.includingDeleted, this.reason, null);
	}

	DeletionRequest withCascade(CascadeMode mode) {
		return new DeletionRequest(this.selection, this.modeOfCall, this.delayOfCall, mode, this.includingDeleted,
				this.reason, null);
	}

	DeletionRequest withDeleted() {
		return new DeletionRequest(this.selection, this.modeOfCall, this.delayOfCall, this.cascade, true, this.reason,
				null);
	}

	DeletionRequest withReason(String text) {
		return new DeletionRequest(this.selection, this.modeOfCall, this.delayOfCall, this.cascade,
				this.includingDeleted, text, null);
	}

	DeletionRequest resolved(DeletionExecutor.ResolvedTable table, DeletionPolicy policy, ModeSource source) {
		return new DeletionRequest(this.selection, this.modeOfCall, this.delayOfCall, this.cascade,
				this.includingDeleted, this.reason, new Resolution(table, policy, source));
	}

	/**
	 * Return the mode: the call's, else the policy's.
	 * @return the mode
	 */
	public DeletionMode mode() {
		return (this.modeOfCall != null) ? this.modeOfCall : policy().mode();
	}

	/**
	 * Return the delay: the call's, else the policy's, else none.
	 * @return the delay; zero unless the mode is {@link DeletionMode#SCHEDULED}
	 */
	public Duration delay() {
		if (mode() != DeletionMode.SCHEDULED) {
			return Duration.ZERO;
		}
		if (this.delayOfCall != null) {
			return this.delayOfCall;
		}
		return (policy() instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.delay() : Duration.ZERO;
	}

	/**
	 * Return who decided the mode.
	 * @return who
	 */
	public ModeSource source() {
		return required().source();
	}

	/**
	 * Return the table's policy.
	 * @return the policy; a hard one if none was declared
	 */
	public DeletionPolicy policy() {
		return required().policy();
	}

	/**
	 * Return the table as {@link DeletionExecutor#resolve} found it.
	 * @return the table
	 */
	public DeletionExecutor.ResolvedTable table() {
		return required().table();
	}

	private Resolution required() {
		if (this.resolution == null) {
			throw new IllegalStateException("The table of the request has not been resolved yet.");
		}
		return this.resolution;
	}

	/**
	 * What the caller's words mean in the database.
	 *
	 * @param table the table
	 * @param policy its policy
	 * @param source who decided the mode
	 */
	public record Resolution(DeletionExecutor.ResolvedTable table, DeletionPolicy policy, ModeSource source) {
	}

	/**
	 * What a delete or restore is addressed to.
	 */
	public sealed interface Subject {

		/**
		 * A table.
		 *
		 * @param name the name as the caller wrote it
		 */
		record Table(String name) implements Subject {

			public Table {
				if (name == null) {
					throw new UnknownTableException("The table is null. Write its name, as in from(\"users\").");
				}
			}

			@Override
			public String toString() {
				return "table " + this.name;
			}

		}

		/**
		 * An aggregate root that Spring Data maps to a table.
		 *
		 * @param type the class
		 */
		record Aggregate(Class<?> type) implements Subject {

			public Aggregate {
				if (type == null) {
					throw new UnknownTableException(
							"The class is null. Write that of an aggregate root, as in from(User.class).");
				}
			}

			@Override
			public String toString() {
				return "class " + this.type.getName();
			}

		}

	}

	/**
	 * Which rows a delete or restore is about, as the caller said it.
	 */
	public sealed interface Selection {

		/**
		 * Return what they are rows of.
		 * @return a table or a class
		 */
		Subject subject();

		/**
		 * Rows by primary key.
		 *
		 * @param subject what they are rows of
		 * @param ids the ids, none of them {@code null}
		 */
		record ByIds(Subject subject, List<Object> ids) implements Selection {

			public ByIds {
				ids = List.copyOf(ids);
			}

			static ByIds of(Subject subject, Iterable<?> ids) {
				if (ids == null) {
					throw new InvalidIdException(
							"The ids for %s are null. Write an empty list to select no row.".formatted(subject));
				}
				List<Object> list = new ArrayList<>();
				for (@Nullable
				Object id : ids) {
					if (id == null) {
						throw new InvalidIdException(
								"An id for %s is null, but a primary key is never null. Leave it out."
									.formatted(subject));
					}
					list.add(id);
				}
				return new ByIds(subject, list);
			}

		}

		/**
		 * Rows by a condition.
		 *
		 * @param subject what they are rows of
		 * @param criteria names columns for a table, properties for a class
		 */
		record ByCriteria(Subject subject, CriteriaDefinition criteria) implements Selection {

			static ByCriteria of(Subject subject, CriteriaDefinition criteria) {
				if (criteria == null) {
					throw new InvalidCriteriaException(
							"The criteria for %s is null. Write all() to select every row.".formatted(subject));
				}
				return new ByCriteria(subject, criteria);
			}

		}

		/**
		 * Every row.
		 *
		 * @param subject what they are rows of
		 */
		record All(Subject subject) implements Selection {
		}

	}

}
