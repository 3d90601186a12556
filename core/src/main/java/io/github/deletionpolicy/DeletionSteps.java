package io.github.deletionpolicy;

import java.time.Duration;
import java.util.Collections;
import java.util.function.BiFunction;

import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionRequest.Subject;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.CriteriaDefinition;

/**
 * The steps between {@code from(…)} and {@code execute()}; each is immutable.
 */
final class DeletionSteps {

	private DeletionSteps() {
	}

	record TargetStep(DeleteTemplate template, Subject subject) implements DeleteOperations.Target {

		@Override
		public DeleteOperations.Mode byId(Object id) {
			return byIds(Collections.singletonList(id));
		}

		@Override
		public DeleteOperations.Mode byIds(Iterable<?> ids) {
			return select(Selection.ByIds.of(this.subject, ids));
		}

		@Override
		public DeleteOperations.Mode where(CriteriaDefinition criteria) {
			return select(Selection.ByCriteria.of(this.subject, criteria));
		}

		@Override
		public DeleteOperations.Mode all() {
			return select(new Selection.All(this.subject));
		}

		private DeleteOperations.Mode select(Selection selection) {
			return new ModeStep(this.template, new DeletionRequest(selection));
		}

	}

	/**
	 * What all steps after the selection share.
	 *
	 * @param <S> the step itself
	 */
	abstract static class AbstractStep<S> {

		final DeleteTemplate template;

		final DeletionRequest request;

		private final BiFunction<DeleteTemplate, DeletionRequest, S> step;

		AbstractStep(DeleteTemplate template, DeletionRequest request,
				BiFunction<DeleteTemplate, DeletionRequest, S> step) {
			this.template = template;
			this.request = request;
			this.step = step;
		}

		public S reason(String reason) {
			if (reason == null) {
				throw misuse("The reason of a delete from %s is null. Leave it out.");
			}
			if (reason.indexOf('\0') >= 0 || SqlIdentifiers.hasHalfCharacter(reason)) {
				throw misuse(
						"The reason of a delete from %s holds a zero character or half a character, which no text of the database can. Leave it out.");
			}
			return this.step.apply(this.template, this.request.withReason(reason));
		}

		public S cascade(CascadeMode mode) {
			if (mode == null) {
				throw misuse(
						"The cascade mode of a delete from %s is null. Write CascadeMode.CATALOG or CascadeMode.NONE.");
			}
			return this.step.apply(this.template, this.request.withCascade(mode));
		}

		public S includingDeleted() {
			return this.step.apply(this.template, this.request.withDeleted());
		}

		public DeletionResult execute() {
			return this.template.execute(this.request);
		}

		public DeletionPreview preview() {
			return this.template.preview(this.request);
		}

		public <T> DeleteOperations.Returning<T> returning(Class<T> rowType) {
			if (rowType == null) {
				throw misuse(
						"The class for returning(…) of a delete from %s is null. Write that of an aggregate root or Map.class.");
			}
			return () -> this.template.execute(this.request, rowType);
		}

		public AsyncDeletion executeAsync() {
			return executeAsync(AsyncOptions.defaults());
		}

		public AsyncDeletion executeAsync(AsyncOptions options) {
			if (options == null) {
				throw misuse(
						"The options of an asynchronous delete from %s are null. Write executeAsync() or AsyncOptions.defaults().");
			}
			return this.template.executeAsync(this.request, options);
		}

		private InvalidDataAccessApiUsageException misuse(String message) {
			return new InvalidDataAccessApiUsageException(message.formatted(this.request.selection().subject()));
		}

	}

	static final class ModeStep extends AbstractStep<DeleteOperations.Mode> implements DeleteOperations.Mode {

		ModeStep(DeleteTemplate template, DeletionRequest request) {
			super(template, request, ModeStep::new);
		}

		@Override
		public DeleteOperations.Hard hard() {
			return new HardStep(this.template, this.request.withMode(DeletionMode.HARD, null));
		}

		@Override
		public DeleteOperations.Soft soft() {
			return new SoftStep(this.template, this.request.withMode(DeletionMode.SOFT, null));
		}

		@Override
		public DeleteOperations.Scheduled scheduled() {
			return new ScheduledStep(this.template, this.request.withMode(DeletionMode.SCHEDULED, null));
		}

		@Override
		public DeleteOperations.Scheduled scheduled(Duration delay) {
			String complaint = DeletionPolicy.Scheduled.complaintAbout(delay);
			if (complaint != null) {
				throw new InvalidDelayException(
						"The delay of a scheduled delete %s. Write zero or more, such as Duration.ofDays(30)."
							.formatted(complaint));
			}
			return new ScheduledStep(this.template, this.request.withMode(DeletionMode.SCHEDULED, delay));
		}

	}

	static final class HardStep extends AbstractStep<DeleteOperations.Hard> implements DeleteOperations.Hard {

		HardStep(DeleteTemplate template, DeletionRequest request) {
			super(template, request, HardStep::new);
		}

	}

	static final class SoftStep extends AbstractStep<DeleteOperations.Soft> implements DeleteOperations.Soft {

		SoftStep(DeleteTemplate template, DeletionRequest request) {
			super(template, request, SoftStep::new);
		}

	}

	static final class ScheduledStep extends AbstractStep<DeleteOperations.Scheduled>
			implements DeleteOperations.Scheduled {

		ScheduledStep(DeleteTemplate template, DeletionRequest request) {
			super(template, request, ScheduledStep::new);
		}

	}

	record RestoreTargetStep(DeleteTemplate template, Subject subject) implements DeleteOperations.RestoreTarget {

		@Override
		public DeleteOperations.RestoreStep byId(Object id) {
			return byIds(Collections.singletonList(id));
		}

		@Override
		public DeleteOperations.RestoreStep byIds(Iterable<?> ids) {
			Selection selection = Selection.ByIds.of(this.subject, ids);
			return () -> this.template.restore(selection);
		}

		@Override
		public DeleteOperations.RestoreStep where(CriteriaDefinition criteria) {
			Selection selection = Selection.ByCriteria.of(this.subject, criteria);
			return () -> this.template.restore(selection);
		}

	}

}
