package io.github.deletionpolicy.autoconfigure.require;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Matches where {@link ConditionalOnDeletionParts} does not.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Conditional(OnMissingDeletionPartCondition.class)
public @interface ConditionalOnMissingDeletionPart {

}
