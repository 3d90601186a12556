package io.github.deletionpolicy.autoconfigure.require;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Matches where the application has what deletes by policy require; the condition report
 * says what is missing and what to write.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Conditional(OnDeletionPartsCondition.class)
public @interface ConditionalOnDeletionParts {

	/**
	 * Whether a Quartz scheduler that starts the purge is required too.
	 */
	boolean scheduler() default false;

}
