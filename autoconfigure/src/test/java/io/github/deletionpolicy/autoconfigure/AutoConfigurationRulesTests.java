package io.github.deletionpolicy.autoconfigure;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules that Spring Boot holds its own auto-configurations to, and the rooms of ours
 * with the arrows between them.
 */
class AutoConfigurationRulesTests {

	private static final String ROOT = "io.github.deletionpolicy";

	private static final String WIRING = ROOT + ".autoconfigure";

	/**
	 * What users name and every room may need. It is in one package with the
	 * auto-configurations, which know all rooms.
	 */
	private static final Set<String> SETTINGS = Set.of("DeletionPolicyProperties", "PropertyChecks",
			"DeletionPolicyDataSource");

	/**
	 * Which other rooms the classes of a room may know.
	 */
	private static final Map<String, Set<String>> ARROWS = Map.of("settings", Set.of(), "policy", Set.of("settings"),
			"require", Set.of("settings"), "schema", Set.of("settings"), "data", Set.of("settings", "require"),
			"quartz", Set.of("require"), "endpoint", Set.of(), "health", Set.of("settings"), "metrics",
			Set.of("health"), "startup", Set.of("settings", "require"));

	private static final JavaClasses classes = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages(ROOT);

	static final List<ArchRule> rules = List.of(
			classes().that().areAnnotatedWith(AutoConfiguration.class).should().bePublic(),
			classes().that().areAnnotatedWith(AutoConfiguration.class).should().haveModifier(JavaModifier.FINAL),
			members().that()
				.areDeclaredInClassesThat()
				.areAnnotatedWith(AutoConfiguration.class)
				.and(areNoDefaultConstructors())
				.should()
				.notBePublic(),
			methods().that().areAnnotatedWith(Bean.class).should().bePackagePrivate(),
			noMethods().that()
				.areAnnotatedWith(Bean.class)
				.should()
				.beAnnotatedWith(ConditionalOnClass.class)
				.because("the class of the method is loaded all the same"),
			methods().that()
				.areAnnotatedWith(Bean.class)
				.and()
				.haveRawReturnType(
						assignableTo(BeanPostProcessor.class).or(assignableTo(BeanFactoryPostProcessor.class)))
				.should()
				.beStatic()
				.allowEmptyShould(true),
			noMethods().that()
				.areAnnotatedWith(ConditionalOnMissingBean.class)
				.should(be(describe("conditional on their own return type only",
						AutoConfigurationRulesTests::repeatsReturnType))),
			noMethods().that()
				.areAnnotatedWith(Bean.class)
				.should()
				.haveRawReturnType(describe("an interface", JavaClass::isInterface))
				.because("conditions of others see the declared type only"),
			noClasses().that().areAssignableTo(Condition.class).should().bePublic().allowEmptyShould(true),
			noClasses().should()
				.callMethod(String.class, "toLowerCase")
				.orShould()
				.callMethod(String.class, "toUpperCase")
				.because("the language of the machine changes what they do"));

	@ParameterizedTest
	@FieldSource("rules")
	void ruleIsKept(ArchRule rule) {
		rule.check(classes);
	}

	@ParameterizedTest
	@FieldSource("rules")
	void ruleFindsWhoBreaksIt(ArchRule rule) {
		JavaClasses wrong = new ClassFileImporter().importClasses(WrongAutoConfiguration.class,
				WrongAutoConfiguration.WrongCondition.class);
		assertThat(rule.evaluate(wrong).hasViolation()).isTrue();
	}

	static Stream<String> rooms() {
		return ARROWS.keySet().stream().sorted();
	}

	@ParameterizedTest
	@MethodSource("rooms")
	void roomKnowsNoOtherThanItsArrowsSay(String room) {
		knows(room, ARROWS.get(room)).check(classes);
	}

	@ParameterizedTest
	@MethodSource("rooms")
	void arrowThatIsNotAllowedIsFound(String room) {
		for (String arrow : ARROWS.get(room)) {
			Set<String> fewer = new HashSet<>(ARROWS.get(room));
			fewer.remove(arrow);
			assertThat(knows(room, fewer).evaluate(classes).getFailureReport().getDetails())
				.as("%s knows %s", room, arrow)
				.isNotEmpty();
		}
		assertThat(knows("wiring", Set.of(room)).evaluate(classes).hasViolation()).isTrue();
	}

	@Test
	void everyRoomIsKnown() {
		Set<String> rooms = new HashSet<>(ARROWS.keySet());
		rooms.add("wiring");
		assertThat(classes.stream().map(AutoConfigurationRulesTests::roomOf).filter((room) -> !room.isEmpty()))
			.containsAll(rooms)
			.allMatch(rooms::contains);
	}

	@Test
	void roomsHaveNoCycles() {
		cycles(AutoConfigurationRulesTests::roomOf).check(classes);
	}

	@Test
	void cycleIsFound() {
		assertThat(cycles((type) -> roomOf(type).equals("settings") ? "wiring" : roomOf(type)).evaluate(classes)
			.hasViolation()).isTrue();
	}

	@Test
	void nothingButTestsKnowsTheTestModule() {
		noClasses().that()
			.resideOutsideOfPackage(ROOT + ".test")
			.should()
			.dependOnClassesThat()
			.resideInAPackage(ROOT + ".test")
			.check(classes);
	}

	@Test
	void everyAutoConfigurationIsRegistered() {
		List<String> registered = ImportCandidates.load(AutoConfiguration.class, null)
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith(ROOT))
			.toList();
		assertThat(registered).containsExactlyInAnyOrderElementsOf(classes.stream()
			.filter((candidate) -> candidate.isAnnotatedWith(AutoConfiguration.class))
			.map(JavaClass::getName)
			.toList());
	}

	private static String roomOf(JavaClass type) {
		String name = type.getPackageName();
		if (name.equals(WIRING)) {
			return SETTINGS
				.contains(type.getBaseComponentType().getName().substring(WIRING.length() + 1).split("\\$")[0])
						? "settings" : "wiring";
		}
		return name.startsWith(WIRING + ".") ? name.substring(WIRING.length() + 1) : "";
	}

	private static ArchRule knows(String room, Set<String> allowed) {
		return noClasses().that(describe("are in " + room, (type) -> roomOf(type).equals(room)))
			.should()
			.dependOnClassesThat(describe("are in another room than " + allowed, (type) -> !roomOf(type).isEmpty()
					&& !roomOf(type).equals(room) && !allowed.contains(roomOf(type))));
	}

	private static ArchRule cycles(Function<JavaClass, String> rooms) {
		return slices().assignedFrom(new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass type) {
				String room = rooms.apply(type);
				return room.isEmpty() ? SliceIdentifier.ignore() : SliceIdentifier.of(room);
			}

			@Override
			public String getDescription() {
				return "rooms";
			}

		}).should().beFreeOfCycles();
	}

	private static DescribedPredicate<JavaMember> areNoDefaultConstructors() {
		return describe("are no default constructors", (member) -> !(member instanceof JavaConstructor constructor
				&& constructor.getRawParameterTypes().isEmpty()));
	}

	private static boolean repeatsReturnType(JavaMethod method) {
		JavaAnnotation<JavaMethod> condition = method.getAnnotationOfType(ConditionalOnMissingBean.class.getName());
		return condition.tryGetExplicitlyDeclaredProperty("value")
			.map((value) -> List.of((JavaClass[]) value).equals(List.of(method.getRawReturnType())))
			.orElse(false);
	}

	@AutoConfiguration
	static class WrongAutoConfiguration {

		@Bean
		@ConditionalOnClass(Runnable.class)
		@ConditionalOnMissingBean(Runnable.class)
		public Runnable runnable() {
			return () -> "I".toLowerCase();
		}

		@Bean
		BeanFactoryPostProcessor postProcessor() {
			return (ConfigurableListableBeanFactory beanFactory) -> {
			};
		}

		public static class WrongCondition extends SpringBootCondition {

			@Override
			public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
				return ConditionOutcome.match();
			}

		}

	}

}
