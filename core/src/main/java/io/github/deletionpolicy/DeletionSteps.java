package io.github.deletionpolicy;

import java.time.Duration;
import java.util.Collections;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.CriteriaDefinition;

/**
 * The steps between {@code from(…)} and {@code execute()}; each is immutable.
 */
final class DeletionSteps {

	private DeletionSteps() {
	}

	record TargetStep(DeleteTemplate template, DeletionTarget target) implements DeleteOperations.Target {

		@Override
		public DeleteOperations.Mode byId(Object id) {
			return byIds(Collections.singletonList(id));
		}

		@Override
		public DeleteOperations.Mode byIds(Iterable<?> ids) {
			return select(RowSelection.ByIds.of(this.target, ids));
		}

		@Override
		public DeleteOperations.Mode where(CriteriaDefinition criteria) {
			return select(RowSelection.ByCriteria.of(this.target, criteria));
		}

		@Override
		public DeleteOperations.Mode all() {
			return select(new RowSelection.All());
		}

		private DeleteOperations.Mode select(RowSelection selection) {
			return new ModeStep(this.template, new DeletionCall(this.target, selection));
		}

	}

	/**
	 * What all steps after the selection share.
	 *
	 * @param <S> the step itself
	 */
	abstract static class AbstractStep<S> {

		final DeleteTemplate template;

		final DeletionCall call;

		AbstractStep(DeleteTemplate template, DeletionCall call) {
			this.template = template;
			this.call = call;
		}

		abstract S with(DeletionCall changed);

		public S reason(String reason) {
			if (reason == null) {
				throw new InvalidDataAccessApiUsageException(
						"The reason of a delete from %s is null. Leave it out.".formatted(this.call.target()));
			}
			if (reason.indexOf('\0') >= 0 || SqlIdentifiers.hasHalfCharacter(reason)) {
				throw new InvalidDataAccessApiUsageException(
						"The reason of a delete from %s holds a zero character or half a character, which no text of the database can. Leave it out."
							.formatted(this.call.target()));
			}
			return with(this.call.withReason(reason));
		}

		public S cascade(CascadeMode mode) {
			if (mode == null) {
				throw new InvalidDataAccessApiUsageException(
						"The cascade mode of a delete from %s is null. Write CascadeMode.CATALOG or CascadeMode.NONE."
							.formatted(this.call.target()));
			}
			return with(this.call.withCascade(mode));
		}

		public S includingDeleted() {
			return with(this.call.withDeleted());
		}

		public DeletionResult execute() {
			return this.template.execute(this.call);
		}

		public DeletionPreview preview() {
			return this.template.preview(this.call);
		}

		public <T> DeleteOperations.Returning<T> returning(Class<T> rowType) {
			if (rowType == null) {
				throw new InvalidDataAccessApiUsageException(
						"The class for returning(…) of a delete from %s is null. Write that of an aggregate root or Map.class."
							.formatted(this.call.target()));
			}
			return () -> this.template.execute(this.call, rowType);
		}

		public AsyncDeletion executeAsync() {
			return executeAsync(AsyncOptions.defaults());
		}

		public AsyncDeletion executeAsync(AsyncOptions options) {
			if (options == null) {
				throw new InvalidDataAccessApiUsageException(
						"The options of an asynchronous delete from %s are null. Write executeAsync() or AsyncOptions.defaults()."
							.formatted(this.call.target()));
			}
			return this.template.executeAsync(this.call, options);
		}

	}

	static final class ModeStep extends AbstractStep<DeleteOperations.Mode> implements DeleteOperations.Mode {

		ModeStep(DeleteTemplate template, DeletionCall call) {
			super(template, call);
		}

		@Override
		DeleteOperations.Mode with(DeletionCall changed) {
			return new ModeStep(this.template, changed);
		}

		@Override
		public DeleteOperations.Hard hard() {
			return new HardStep(this.template, this.call.withMode(DeletionMode.HARD, null));
		}

		@Override
		public DeleteOperations.Soft soft() {
			return new SoftStep(this.template, this.call.withMode(DeletionMode.SOFT, null));
		}

		@Override
		public DeleteOperations.Scheduled scheduled() {
			return new ScheduledStep(this.template, this.call.withMode(DeletionMode.SCHEDULED, null));
		}

		@Override
		public DeleteOperations.Scheduled scheduled(Duration delay) {
			String complaint = Delays.complaint(delay);
			if (complaint != null) {
				throw new InvalidDelayException(
						"The delay of a scheduled delete %s. Write zero or more, such as Duration.ofDays(30)."
							.formatted(complaint));
			}
			return new ScheduledStep(this.template, this.call.withMode(DeletionMode.SCHEDULED, delay));
		}

	}

	static final class HardStep extends AbstractStep<DeleteOperations.Hard> implements DeleteOperations.Hard {

		HardStep(DeleteTemplate template, DeletionCall call) {
			super(template, call);
		}

		@Override
		DeleteOperations.Hard with(DeletionCall changed) {
			return new HardStep(this.template, changed);
		}

	}

	static final class SoftStep extends AbstractStep<DeleteOperations.Soft> implements DeleteOperations.Soft {

		SoftStep(DeleteTemplate template, DeletionCall call) {
			super(template, call);
		}

		@Override
		DeleteOperations.Soft with(DeletionCall changed) {
			return new SoftStep(this.template, changed);
		}

	}

	static final class ScheduledStep extends AbstractStep<DeleteOperations.Scheduled>
			implements DeleteOperations.Scheduled {

		ScheduledStep(DeleteTemplate template, DeletionCall call) {
			super(template, call);
		}

		@Override
		DeleteOperations.Scheduled with(DeletionCall changed) {
			return new ScheduledStep(this.template, changed);
		}

	}

	record RestoreTargetStep(DeleteTemplate template, DeletionTarget target) implements DeleteOperations.RestoreTarget {

		@Override
		public DeleteOperations.RestoreStep byId(Object id) {
			return byIds(Collections.singletonList(id));
		}

		@Override
		public DeleteOperations.RestoreStep byIds(Iterable<?> ids) {
			return select(RowSelection.ByIds.of(this.target, ids));
		}

		@Override
		public DeleteOperations.RestoreStep where(CriteriaDefinition criteria) {
			return select(RowSelection.ByCriteria.of(this.target, criteria));
		}

		private DeleteOperations.RestoreStep select(RowSelection selection) {
			return () -> this.template.restore(this.target, selection);
		}

	}

}
